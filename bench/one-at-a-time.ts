import { median } from './statistics';
import type { Answered, Load } from './load';

/** How often it is asked; the first few answers warm up whatever there is to warm. */
const TIMES = 60;
const WARMING_UP = 5;

/** Asks when nothing else goes on: `settled` returns when what was asked for before is over. @throws Error if any answer isn't a success */
export async function askOneAtATime(
  { url, request }: Pick<Load, 'url' | 'request'>,
  settled: () => Promise<unknown>,
): Promise<Answered> {
  const took: number[] = [];
  const { method, headers, body, path } = request;
  for (let time = 0; time < TIMES; time += 1) {
    const beganAt = performance.now();
    const answer = await fetch(`${url}${path}`, { method, headers: headers as Record<string, string>, body });
    await answer.arrayBuffer();
    if (time >= WARMING_UP) took.push(performance.now() - beganAt);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    await settled();
  }
  const sorted = [...took].sort((a, b) => a - b);
  const sum = took.reduce((all, ms) => all + ms, 0);
  return {
    p50Ms: Math.round(median(took)),
    p99Ms: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    perMinute: (took.length * 60_000) / sum,
  };
}
