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
const REDRAW_EVERY_MS = 100;

/** Draws the copy's heartbeat as a bar until `done`: what an operator sees in Temporal's UI under "pending activities". */
export async function showProgress(client: Client, volumeId: string, done: Promise<unknown>): Promise<void> {
  const bar = new SingleBar({
    format: '  {phase} [{bar}] {percentage}% | {done} of {total} MiB | {rate} MiB/s',
    barsize: 32,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1_000,
  });
  bar.start(1, 0, { phase: 'waiting', done: '0', total: '?', rate: '-' });
  const over = done.then(() => true);
  do {
    const latest = await latestHeartbeat(client, volumeId);
    if (latest) draw(bar, latest);
  } while (!(await Promise.race([over, sleep(REDRAW_EVERY_MS, false)])));
  bar.update(bar.getTotal(), { phase: 'done' });
  bar.stop();
}

function draw(bar: SingleBar, { phase, doneBytes, totalBytes, bytesPerSecond }: Heartbeat): void {
  bar.setTotal(Math.max(totalBytes, 1));
  bar.update(doneBytes, {
    phase,
    done: (doneBytes / MIB).toFixed(0),
    total: (totalBytes / MIB).toFixed(0),
    rate: (bytesPerSecond / MIB).toFixed(0),
  });
}

async function latestHeartbeat(client: Client, volumeId: string): Promise<Heartbeat | null> {
  const { raw } = await client.workflow.getHandle(createWorkflowId(volumeId)).describe();
  const [payload] = raw.pendingActivities?.flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads ?? []) ?? [];
  if (!payload) return null;
  const parsed = heartbeat.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data : null;
}
