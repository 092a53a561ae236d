import type { OfRun } from './accept-request';
import type { ControlHouse } from './house';

export interface Reader {
  readonly backupId: string;
  readonly volumeId: string;
}

/** `available → restoring`, this volume its reader. */
export function lockBackup(house: ControlHouse) {
  return async ({ backupId, volumeId }: Reader): Promise<void> => house.catalog.lockBackup(backupId, volumeId);
}

/** Compensation: this volume reads it no longer; with the last reader `restoring → available`. */
export function releaseBackup(house: ControlHouse) {
  return async ({ backupId, volumeId, runId }: Reader & OfRun): Promise<void> =>
    house.catalog.releaseBackup({ backupId, volumeId, runId });
}
