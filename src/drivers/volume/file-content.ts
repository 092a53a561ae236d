import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolContent, StoredVolume } from '../../domain/orphan';
import { allocatedBytes, isOutOfReach } from './file-pools';
import type { FileBackend } from './file-pools';

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
    if (isOutOfReach(error)) return null;
    throw error;
  });
  if (!names) return null;
  const bytes = new Map<string, number>();
  for (const name of names) {
    const volumeId = OF_VOLUME.exec(name)?.[1];
    if (volumeId === undefined) continue;
    bytes.set(volumeId, (bytes.get(volumeId) ?? 0) + (await allocatedBytes(join(folder, name))));
  }
  return [...bytes].map(([volumeId, storedBytes]) => ({ volumeId, storedBytes }));
}
