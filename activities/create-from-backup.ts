import { Refusal } from '../src/domain/errors';
import { GIB } from '../src/domain/volume';
import { requireUnencrypted } from '../src/domain/volume-metadata';
import type { VolumeDriver } from '../src/drivers/volume/driver';
import type { BackupImage } from '../src/image/backup-image';
import type { DataHouse } from './house';
import { openImage } from './restore-backup';
import type { BackupOnPool, WrittenVolume } from './restore-backup';
import { writingAttempt } from './writing-attempt';
import type { Attempt } from './writing-attempt';

export type NativeResult =
  | { readonly kind: 'created'; readonly written: WrittenVolume }
  | { readonly kind: 'not-supported'; readonly reason: string };

/**
 * The specification's `create_volume_from_backup`: plans the restore, so that a backup that can't be restored is refused before
 * any volume is made, and notes what the backup says of its volume; then the driver's own way, whose result is verified like
 * any other copy. That a driver has no such way is a value, not an exception.
 */
export function createFromBackup(house: DataHouse) {
  return async (input: BackupOnPool): Promise<NativeResult> =>
    writingAttempt(house, input.volumeId, async (attempt) => {
      const driver = house.volumeDriverOf(input.poolName);
      const image = await openImage(house, input.backupId, attempt.signal);
      requireFits(image, input.sizeGib);
      // The record may not know of the key (W-14): `volume_meta` does.
      requireUnencrypted(image.backupId, image.volumeMeta?.encryptionKeyId ?? null);
      await house.catalog.noteBackupMetadata(input.volumeId, attempt.epoch, image.volumeMeta);
      return clone({ house, driver, image, attempt, input });
    });
}

/** F-6: a backup of a device that was larger than its volume's size in GiB. */
function requireFits(image: BackupImage, sizeGib: number): void {
  const { sizeBytes } = image.plan;
  if (sizeBytes <= sizeGib * GIB) return;
  throw new Refusal(
    'InvalidVolume',
    `Backup ${image.backupId} holds ${sizeBytes} bytes, which a volume of ${sizeGib} GiB can't. ` +
      `Create it with a size of at least ${Math.ceil(sizeBytes / GIB)} GiB.`,
  );
}

interface Clone {
  readonly house: DataHouse;
  readonly driver: VolumeDriver;
  readonly image: BackupImage;
  readonly attempt: Attempt;
  readonly input: BackupOnPool;
}

async function clone({ house, driver, image, attempt, input }: Clone): Promise<NativeResult> {
  if (!driver.createVolumeFromBackup) return { kind: 'not-supported', reason: 'the driver has none' };
  const { epoch, signal, report } = attempt;
  const volume = { id: input.volumeId, sizeGib: input.sizeGib, poolName: input.poolName };
  const startedAt = performance.now();
  const result = await driver.createVolumeFromBackup(volume, await image.localRanges(), {
    epoch,
    signal,
    onProgress: (doneBytes, totalBytes) => {
      const bytesPerSecond = (doneBytes * 1000) / Math.max(1, performance.now() - startedAt);
      report({ phase: 'clone', doneBytes, totalBytes, bytesPerSecond });
    },
  });
  if (result.kind === 'not-supported') return result;
  const moveMs = Math.round(performance.now() - startedAt);

  const target = await driver.openTarget(volume, { epoch, signal });
  try {
    const { elapsedMs } = await house.verifyTarget({ image, target, signal, onProgress: report });
    const { dataBytes } = image.plan;
    const verifyMs = Math.round(elapsedMs);
    return { kind: 'created', written: { epoch, location: driver.locate(volume), dataBytes, moveMs, verifyMs } };
  } finally {
    await target.close();
  }
}
