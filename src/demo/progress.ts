import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { SingleBar } from 'cli-progress';
import { describeCreation } from '../runs/creation-run';
import type { Progress } from '../domain/progress';

/** What the bar shows: before the first word of the copy, and after the last one, words of our own. */
type Shown = Omit<Progress, 'phase'> & { readonly phase: Progress['phase'] | 'waiting' | 'done' };

/** An answer of Temporal that takes longer is worth no bar. */
const ANSWER_MS = 5_000;
const MIB = 1024 ** 2;
const REDRAW_EVERY_MS = 50;

/** Draws the copy's heartbeat as a bar until `done`: what an operator sees in Temporal's UI under "pending activities". */
export async function showProgress(client: Client, volumeId: string, done: Promise<unknown>): Promise<void> {
  let latest: Shown = { phase: 'waiting', doneBytes: 0, totalBytes: 0, bytesPerSecond: 0 };
  const bar = new SingleBar({
    format: '  {phase} [{bar}] {percentage}% | {doneMib} of {totalMib} MiB | {rateMib} MiB/s',
    barsize: 32,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1_000,
  });
  bar.start(1, 0, wordsOf(latest));
  const over = done.then(() => true);
  do {
    latest = (await describeCreation(client, volumeId, ANSWER_MS))?.progress ?? latest;
    draw(bar, latest);
  } while (!(await Promise.race([over, sleep(REDRAW_EVERY_MS, false)])));
  draw(bar, { ...latest, phase: 'done', doneBytes: latest.totalBytes });
  bar.stop();
}

function draw(bar: SingleBar, heartbeat: Shown): void {
  bar.setTotal(Math.max(heartbeat.totalBytes, 1));
  bar.update(heartbeat.phase === 'done' ? bar.getTotal() : heartbeat.doneBytes, wordsOf(heartbeat));
}

function wordsOf({ phase, doneBytes, totalBytes, bytesPerSecond }: Shown): Record<string, string> {
  const inMib = (bytes: number): string => (bytes / MIB).toFixed(1);
  return { phase, doneMib: inMib(doneBytes), totalMib: inMib(totalBytes), rateMib: inMib(bytesPerSecond) };
}
