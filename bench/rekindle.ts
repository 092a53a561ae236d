import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { copyImage } from '../src/copy/copy-image';
import { GIB } from '../src/domain/volume';
import { posixBackupDriver } from '../src/drivers/backup/posix';
import { fileVolumeDriver } from '../src/drivers/volume/file';
import { openBackupImage } from '../src/image/open';
import type { RestoreReport, RestoreRequest } from './request';

/** What the bench runs of Rekindle, and the only file that knows how: a process that restores one chain onto a file. */
async function restore({ repository, chain, sizeBytes, target }: RestoreRequest): Promise<void> {
  const { signal } = new AbortController();
  const pool = { name: 'bench', path: dirname(target) };
  const driver = fileVolumeDriver({ host: 'bench', backend: 'file', availabilityZone: 'nova', pools: [pool] });
  const volume = {
    id: basename(target).slice('volume-'.length),
    sizeGib: sizeBytes / GIB,
    poolName: 'bench@file#bench',
  };
  const store = posixBackupDriver({ root: repository });
  const image = await openBackupImage({ chain, storeOf: () => store, signal });
  await driver.createVolume(volume);
  const opened = await driver.openTarget(volume, { epoch: 1, signal });
  try {
    await copyImage({ image, target: opened, signal, onProgress: () => undefined });
  } finally {
    await opened.close();
  }
}

async function main(requestFile: string): Promise<void> {
  const request = JSON.parse(await readFile(requestFile, 'utf8')) as RestoreRequest;
  // Since the process began.
  const startMs = performance.now();
  await restore(request);
  const report: RestoreReport = { startSeconds: startMs / 1000, seconds: (performance.now() - startMs) / 1000 };
  console.log(JSON.stringify(report));
}

void main(process.argv[2]!);
