import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GIB } from '../src/domain/volume';
import { fileVolumeDriver } from '../src/drivers/volume/file';
import { projectFolder } from '../src/local/project-folder';
import type { MoveEvents } from '../src/mover/mover';
import { moverPool } from '../src/mover/mover-pool';
import { largestChildMib } from './child-memory';
import type { RestoreReport, RestoreRequest } from './request';

const MEMORY_MIB = 256;
/** One for each core that the machine may use, as the configuration has it. */
const READERS = 2;
/** What a worker permits at a time where there is no limit. */
const PERMITTED_BYTES = 16 * 1024 ** 2;

const EVENTS: MoveEvents = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onPlanned: async () => undefined,
  saveCheckpoint: async () => undefined,
  permit: async (bytes) => Math.max(bytes, PERMITTED_BYTES),
};

/** What the bench runs of Rekindle, and the only file that knows how: a worker's part, with a mover, restores one chain onto a file. */
async function restore({ repository, chain, sizeBytes, target }: RestoreRequest): Promise<RestoreReport> {
  const backend = { host: 'bench', availabilityZone: 'nova' };
  const pools = [{ name: 'bench', path: dirname(target) }];
  const backends = [{ name: 'file', driver: 'file' as const, pools }];
  const movers = moverPool({
    entry: join(projectFolder(), 'dist', 'src', 'mover.js'),
    env: process.env,
    memoryMib: MEMORY_MIB,
    settings: {
      ...backend,
      backends,
      repositories: [{ driver: 'posix', path: repository }],
      allowUnverified: false,
      readers: READERS,
    },
  });
  const driver = fileVolumeDriver({ ...backend, backend: 'file', pools });
  const volume = {
    id: basename(target).slice('volume-'.length),
    sizeGib: sizeBytes / GIB,
    poolName: 'bench@file#bench',
  };
  await movers.ready();
  const idleMib = await largestChildMib('VmRSS');
  const startMs = performance.now();
  await driver.createVolume(volume);
  await movers.restoreBackup({ volume, chain, epoch: 1, checkpoint: null, overwrites: false, readBack: false }, EVENTS);
  const seconds = (performance.now() - startMs) / 1000;
  const moverMib = (await largestChildMib('VmHWM')) - idleMib;
  await movers.stop();
  // Since the process began.
  return { startSeconds: startMs / 1000, seconds, moverMib };
}

async function main(requestFile: string): Promise<void> {
  const request = JSON.parse(await readFile(requestFile, 'utf8')) as RestoreRequest;
  console.log(JSON.stringify(await restore(request)));
}

void main(process.argv[2]!);
