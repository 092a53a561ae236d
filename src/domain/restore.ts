import type { Backup } from './backup';
import { mayBecomeReader } from './backup-lock';
import type { BackupLock } from './backup-lock';
import { Refusal } from './errors';
import { VOLUME_MOVES } from './moves';
import type { Volume } from './volume';
import { requireUnencrypted } from './volume-metadata';

/*
 * `POST /backups/{id}/restore`: the rules of H-73 in Cinder's order (backup/api.py, restore), with its texts.
 */

/** A request to restore a backup into a volume that is there already. Plain data. */
export interface RestoreVolumeRequest {
  readonly volumeId: string;
  readonly backupId: string;
  /** Of the volume. */
  readonly projectId: string;
  readonly requestId: string;
  /** As of a create: what wasn't accepted by then never comes to life. */
  readonly expiresAt: string;
  /** Whether nobody asked for it now: its run was lost. Then what has been completed meanwhile is not written over. */
  readonly isResumed?: boolean;
}

export interface ReadableFacts {
  readonly backupLock: BackupLock;
  /** How many volumes read the backup at this moment. */
  readonly backupReaders: number;
}

/** @throws Refusal('InvalidBackup') */
export function requireRestorable(backup: Backup, { backupLock, backupReaders }: ReadableFacts): void {
  if (!mayBecomeReader(backup.status, backupLock, backupReaders)) throw backupNotRestorable();
  requireUnencrypted(backup.id, backup.encryptionKeyId);
}

/** The status is checked before the size (H-73). @throws Refusal('InvalidVolume') */
export function requireTarget(volume: Volume, backup: Backup): void {
  if (!VOLUME_MOVES.beginRestore.from.some((status) => status === volume.status)) throw volumeNotAvailable();
  if (backup.sizeGib <= volume.sizeGib) return;
  throw new Refusal(
    'InvalidVolume',
    `Invalid volume: volume size ${volume.sizeGib} is too small to restore backup of size ${backup.sizeGib}.`,
  );
}

export function backupNotRestorable(): Refusal {
  return new Refusal('InvalidBackup', 'Invalid backup: Backup status must be available');
}

export function volumeNotAvailable(): Refusal {
  return new Refusal('InvalidVolume', 'Invalid volume: Volume to be restored to must be available');
}
