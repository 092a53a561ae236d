import type { BackupImage } from '../src/image/backup-image';
import type { OnPool } from './create-raw-volume';
import type { DataHouse } from './house';
import { writingAttempt } from './writing-attempt';

export type BackupOnPool = OnPool & { readonly backupId: string };

/** A volume whose bytes are there and verified. */
export interface WrittenVolume {
  /** The attempt that wrote it; completing needs it. */
  readonly epoch: number;
  /** Where its data lies, for people. */
  readonly location: string;
  /** Bytes that came from objects; the rest of the volume is zeros. */
  readonly dataBytes: number;
  /** The time it took to move them; a copy verifies while it moves. */
  readonly moveMs: number;
  /** The time it took to verify them afterwards, where that is apart. */
  readonly verifyMs: number;
}

/** Copies the backup's image onto the raw volume and verifies every byte. Any attempt may be the one that succeeds. */
export function restoreBackup(house: DataHouse) {
  return async ({ volumeId, backupId, sizeGib, poolName }: BackupOnPool): Promise<WrittenVolume> =>
    writingAttempt(house, volumeId, async ({ epoch, signal, report }) => {
      const driver = house.volumeDriverOf(poolName);
      const volume = { id: volumeId, sizeGib, poolName };
      const image = await openImage(house, backupId, signal);
      const target = await driver.openTarget(volume, { epoch, signal });
      try {
        const { dataBytes, elapsedMs } = await house.copyImage({ image, target, signal, onProgress: report });
        return { epoch, location: driver.locate(volume), dataBytes, moveMs: Math.round(elapsedMs), verifyMs: 0 };
      } finally {
        await target.close();
      }
    });
}

/** Plans the restore of a backup from its whole chain. */
export async function openImage(house: DataHouse, backupId: string, signal: AbortSignal): Promise<BackupImage> {
  const chain = await house.catalog.backupChain(backupId);
  return house.openImage({ chain, storeOf: ({ service }) => house.backupDriverOf(service), signal });
}
