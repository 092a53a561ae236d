// Prints what planning the restore of a backup of 100,000 objects takes: `npm run bench:planning`. The goal: two seconds. Its memory is in test/image/scale.test.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planMany, writeMany } from '../test/image/many-objects';

const COUNT = 100_000;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-planning-'));
  try {
    writeMany(folder, COUNT);
    const startMs = performance.now();
    const { cpuMs } = await planMany(folder, COUNT);
    const wallMs = performance.now() - startMs;
    console.log(`${COUNT} objects: planned in ${Math.round(wallMs)} ms, ${Math.round(cpuMs)} ms of processor time`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

void main();
