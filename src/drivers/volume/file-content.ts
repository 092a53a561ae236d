import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolContent, StoredVolume } from '../../domain/orphan';
import { STAT_BLOCK_BYTES } from './file-pools';
import type { FileBackend } from './file-pools';
import { hasCode } from './system-error';

/** `volume-<id>`, or what is kept of a volume beside it. */
const OF_VOLUME = /^volume-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.|$)/;

/** See `VolumeDriver.listVolumes`. A folder that can't be read is left out: it is no proof of anything. */
export async function listVolumeFiles({ host, backend, pools }: FileBackend): Promise<PoolContent[]> {
  const contents = await Promise.all(
    pools.map(async ({ name, path }) => {
      const volumes = await volumesIn(path);
      return volumes && { poolName: `${host}@${backend}#${name}`, volumes };
    }),
  );
  return contents.filter((content) => content !== null);
}

async function volumesIn(folder: string): Promise<StoredVolume[] | null> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ESTALE', 'EIO')) return null;
    throw error;
  });
  if (!names) return null;
  const bytes = new Map<string, number>();
  for (const name of names) {
    const volumeId = OF_VOLUME.exec(name)?.[1];
    if (volumeId === undefined) continue;
    bytes.set(volumeId, (bytes.get(volumeId) ?? 0) + (await bytesOf(join(folder, name))));
  }
  return [...bytes].map(([volumeId, storedBytes]) => ({ volumeId, storedBytes }));
}

async function bytesOf(path: string): Promise<number> {
  const found = await lstat(path).catch((error: unknown) => {
    // Removed since the folder was read.
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  return found?.isFile() ? found.blocks * STAT_BLOCK_BYTES : 0;
}
