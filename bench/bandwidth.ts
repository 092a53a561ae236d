// Prints how well a bandwidth limit is kept, also one that is changed while the copy runs: `npm run bench:bandwidth`. The goal: within 10 %.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bandwidth } from '../src/copy/bandwidth';
import { GIB } from '../src/domain/volume';
import type { MoveEvents } from '../src/mover/mover';
import { USUAL_OBJECT_BYTES } from './cases';
import type { Case } from './cases';
import { readOptions } from './options';
import { prepare } from './preparation';
import { installPython } from './python';
import { readRepository, repositoryFolder } from './repository';
import { workerPart } from './worker-part';

const CASE: Case = { codec: 'zlib', links: 1, data: 'data', objectBytes: USUAL_OBJECT_BYTES, gib: 2 };
const MB = 1e6;
/** For so long each: less is the matter of a burst. */
const SECONDS = 8;
const LIMITS: readonly number[] = [40 * MB, 10 * MB, 80 * MB];
/** What was permitted before a change may still be under way. */
const SETTLING_SECONDS = 2;

async function main(cache: string): Promise<void> {
  const python = await installPython(cache);
  await prepare(python, cache, [CASE]);
  const repository = await readRepository(repositoryFolder(cache, CASE), CASE);
  const pool = join(cache, 'pool');
  await mkdir(pool, { recursive: true });
  const target = join(pool, `volume-${randomUUID()}`);
  const request = { repository: repository.root, chain: repository.chain, sizeBytes: CASE.gib * GIB, target };
  const worker = await workerPart(request, process.env);
  await worker.createVolume();
  const enough = new AbortController();
  const bandwidth = new Bandwidth(LIMITS[0] ?? null);
  let doneBytes = 0;
  const events: MoveEvents = {
    signal: enough.signal,
    onProgress: (progress) => {
      doneBytes = progress.doneBytes;
    },
    confirm: async () => undefined,
    onPlanned: async () => undefined,
    saveCheckpoint: async () => undefined,
    permit: (bytes) => bandwidth.permit(bytes, enough.signal),
  };
  const restored = worker.restoreBackup(events).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  for (const limit of LIMITS) {
    bandwidth.limit(limit);
    await seconds(SETTLING_SECONDS);
    const [bytesBefore, msBefore] = [doneBytes, performance.now()];
    await seconds(SECONDS);
    const rate = ((doneBytes - bytesBefore) * 1000) / (performance.now() - msBefore);
    console.log(`${limit / MB} MB/s allowed, ${(rate / MB).toFixed(1)} MB/s moved: ${percent(rate / limit - 1)}`);
  }
  enough.abort();
  await restored;
  await worker.stop();
  for (const path of [target, `${target}.lock`]) await rm(path, { recursive: true, force: true });
}

function percent(share: number): string {
  return `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}

void main(readOptions(process.argv.slice(2)).cache);
