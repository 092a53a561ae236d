import type { DataHouse } from './house';
import { movingAttempt } from './moving-attempt';
import type { BackupOnPool } from './moving-attempt';
import type { WrittenVolume } from './restore-backup';

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
    movingAttempt(house, input, async (job, events) => {
      const result = await house.movers.createFromBackup(job, events);
      if (result.kind === 'not-supported') return result;
      return { kind: 'created', written: { ...result.moved, epoch: job.epoch } };
    });
}
