import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { SingleBar } from 'cli-progress';
import { z } from 'zod';
import { createWorkflowId } from '../temporal';

const heartbeat = z.object({
  phase: z.string(),
  doneBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number(),
});

type Heartbeat = z.infer<typeof heartbeat>;

const MIB = 1024 ** 2;
const REDRAW_EVERY_MS = 50;

/** Draws the copy's heartbeat as a bar until `done`: what an operator sees in Temporal's UI under "pending activities". */
export async function showProgress(client: Client, volumeId: string, done: Promise<unknown>): Promise<void> {
  let latest: Heartbeat = { phase: 'waiting', doneBytes: 0, totalBytes: 0, bytesPerSecond: 0 };
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
    latest = (await latestHeartbeat(client, volumeId)) ?? latest;
    draw(bar, latest);
  } while (!(await Promise.race([over, sleep(REDRAW_EVERY_MS, false)])));
  draw(bar, { ...latest, phase: 'done', doneBytes: latest.totalBytes });
  bar.stop();
}

function draw(bar: SingleBar, heartbeat: Heartbeat): void {
  bar.setTotal(Math.max(heartbeat.totalBytes, 1));
  bar.update(heartbeat.phase === 'done' ? bar.getTotal() : heartbeat.doneBytes, wordsOf(heartbeat));
}

function wordsOf({ phase, doneBytes, totalBytes, bytesPerSecond }: Heartbeat): Record<string, string> {
  const inMib = (bytes: number): string => (bytes / MIB).toFixed(1);
  return { phase, doneMib: inMib(doneBytes), totalMib: inMib(totalBytes), rateMib: inMib(bytesPerSecond) };
}

async function latestHeartbeat(client: Client, volumeId: string): Promise<Heartbeat | null> {
  const { raw } = await client.workflow.getHandle(createWorkflowId(volumeId)).describe();
  const [payload] = raw.pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads ?? []) ?? [];
  if (!payload) return null;
  const parsed = heartbeat.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data : null;
}
