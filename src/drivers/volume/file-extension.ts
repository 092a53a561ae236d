import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Refusal } from '../../domain/errors';
import { GIB } from '../../domain/volume';
import type { WriteOptions } from './driver';
import { onPool } from './system-error';
import { requirePool, requireVolume } from './volume-file';
import type { Place } from './volume-file';
import { becomeWriter } from './writer';

export interface Extension extends WriteOptions {
  readonly newSizeGib: number;
  /** How many more bytes may be promised to volumes here. */
  readonly roomBytes: () => Promise<number>;
}

/** See `VolumeDriver.extendVolume`. A file without blocks behind its old end takes no space, and reads zero there (truncate(2)). */
export async function extendVolumeFile(place: Place, extension: Extension): Promise<void> {
  // Before the lock is taken, so that no lock is left where no volume is.
  await requireVolume(place);
  await onPool(place.poolName, async () => {
    const writer = await becomeWriter(place, extension);
    try {
      const handle = await open(place.file, 'r+');
      try {
        await extend(handle, place, extension);
        writer.fenced.throwIfAborted();
      } finally {
        await handle.close();
      }
    } finally {
      await writer.leave();
    }
  });
}

async function extend(handle: FileHandle, place: Place, { newSizeGib, roomBytes }: Extension): Promise<void> {
  const newSizeBytes = newSizeGib * GIB;
  const { size } = await handle.stat();
  if (size > newSizeBytes) {
    throw new Refusal(
      'InvalidVolume',
      `${place.file} has ${size} bytes already, and a volume is never made smaller: extend it to ${Math.ceil(size / GIB)} GiB.`,
    );
  }
  if (size < newSizeBytes) {
    await requirePool(place);
    if ((await roomBytes()) < newSizeBytes - size) {
      throw new Refusal('PoolRefused', `Pool ${place.poolName} is full.`);
    }
    await handle.truncate(newSizeBytes);
  }
  // Also where an earlier call made it so, whose end nobody saw.
  await handle.datasync();
}
