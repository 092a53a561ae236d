import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what a user would poll for. */
export async function eventually<Result>(look: () => Promise<Result | null>, timeoutMs = 60_000): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() > deadline) throw new Error(`Not seen within ${timeoutMs} ms`);
    await sleep(20);
  }
}
