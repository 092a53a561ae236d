import { Context } from '@temporalio/activity';

const EVERY_MS = 500;

/** A step that takes no time, mostly: while it goes on Temporal hears of it, so that the death of its worker is noticed soon. */
export async function withSignsOfLife<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const heart = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(heart);
  }
}
