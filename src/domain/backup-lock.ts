import type { BackupStatus } from './backup';
import { BACKUP_MOVES } from './moves';

/** How many volumes may read one backup at a time: one (the spec's words), or any number. */
export type BackupLock = 'exclusive' | 'shared';

/** Whether one more volume may read the backup now. `restoring` without a reader is somebody else's restore: never. */
export function mayBecomeReader(status: BackupStatus, lock: BackupLock, readers: number): boolean {
  if (BACKUP_MOVES.lock.from.some((from) => from === status)) return true;
  return lock === 'shared' && status === BACKUP_MOVES.lock.to && readers > 0;
}

/** Whether that is so because somebody restores it: it will pass. */
export function isLocked(status: BackupStatus, lock: BackupLock, readers: number): boolean {
  return status === BACKUP_MOVES.lock.to && !mayBecomeReader(status, lock, readers);
}
