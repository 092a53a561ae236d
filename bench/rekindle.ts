// Entry: what the bench measures as Rekindle: a worker's part, with a mover, restores one chain onto a file.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MoveEvents } from '../src/mover/mover';
import { largestChildMib } from './child-memory';
import type { RestoreReport, RestoreRequest } from './request';
import { workerPart } from './worker-part';

/** What a worker permits at a time where there is no limit. */
const PERMITTED_BYTES = 16 * 1024 ** 2;

const EVENTS: MoveEvents = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  confirm: async () => undefined,
  onPlanned: async () => undefined,
  saveCheckpoint: async () => undefined,
  permit: async (bytes) => Math.max(bytes, PERMITTED_BYTES),
};

async function restore(request: RestoreRequest): Promise<RestoreReport> {
  const loopFile = `${request.target}.loop`;
  const worker = await workerPart(request, watched(loopFile));
  const idleMib = await largestChildMib('VmRSS');
  const startMs = performance.now();
  await worker.createVolume();
  await worker.restoreBackup(EVENTS);
  const seconds = (performance.now() - startMs) / 1000;
  const moverMib = (await largestChildMib('VmHWM')) - idleMib;
  await worker.stop();
  const loopMs = Number(await readFile(loopFile, 'utf8'));
  await rm(loopFile);
  // Since the process began.
  return { startSeconds: startMs / 1000, seconds, moverMib, loopMs };
}

function watched(loopFile: string): NodeJS.ProcessEnv {
  const preload = `--require ${JSON.stringify(join(__dirname, 'loop-delay.js'))}`;
  return { ...process.env, NODE_OPTIONS: preload, REKINDLE_BENCH_LOOP_FILE: loopFile };
}

async function main(requestFile: string): Promise<void> {
  const request = JSON.parse(await readFile(requestFile, 'utf8')) as RestoreRequest;
  console.log(JSON.stringify(await restore(request)));
}

void main(process.argv[2]!);
