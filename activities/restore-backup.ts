import type { Moved } from '../src/mover/mover';
import type { DataHouse } from './house';
import { movingAttempt } from './moving-attempt';
import type { BackupOnPool } from './moving-attempt';

/** A volume whose bytes are there and verified, and the attempt that wrote it: completing needs it. */
export type WrittenVolume = Moved & { readonly epoch: number };

/** Copies the backup's image onto the volume and verifies every byte. Any attempt may be the one that succeeds. */
export function restoreBackup(house: DataHouse) {
  return async (input: BackupOnPool): Promise<WrittenVolume> =>
    movingAttempt(house, input, async (job, events) => {
      const moved = await house.movers.restoreBackup(job, events);
      return { ...moved, epoch: job.epoch };
    });
}
