import { backupNotAvailable } from '../domain/acceptance';
import { mayBecomeReader } from '../domain/backup-lock';
import type { BackupLock } from '../domain/backup-lock';
import type { BackupStatus } from '../domain/backup';
import { Refusal } from '../domain/errors';
import { backupNotFound } from './backups';
import type { ReadBackup } from './catalog';
import type { Database } from './database';
import { isLastRun } from './runs';
import { moveBackup } from './status-moves';
import { lockVolume } from './volumes';

/*
 * Who reads a backup. Always in a transaction, and always locking the volume's row before the backup's, so that two of these
 * never wait for each other. A volume that isn't `creating` or `restoring-backup` reads nothing: whatever ends that frees its backups.
 */

export interface ReaderOptions {
  readonly backupId: string;
  readonly volumeId: string;
  readonly lock: BackupLock;
}

export async function lockBackup(db: Database, { backupId, volumeId, lock }: ReaderOptions): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (volume?.status !== 'creating') {
    throw new Refusal('Conflict', `Volume ${volumeId} is not being created: it may not lock backup ${backupId}.`);
  }
  const status = await lockBackupRow(db, backupId);
  if (status === null || status === 'deleted') throw backupNotFound(backupId);
  const readers = await readersOf(db, backupId);
  if (readers.includes(volumeId)) return;
  if (!mayBecomeReader(status, lock, readers.length)) throw backupNotAvailable();
  await becomeReader(db, backupId, volumeId);
}

/** The backup's row is locked, and it may. Its reader already: nothing happens. */
export async function becomeReader(db: Database, backupId: string, volumeId: string): Promise<void> {
  await moveBackup(db, backupId, 'lock');
  await db
    .insertInto('backup_readers')
    .values({ backup_id: backupId, volume_id: volumeId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** See `Catalog.releaseBackup`. */
export async function stopReading(db: Database, { backupId, volumeId, runId }: ReadBackup): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (volume?.status === 'creating' && !(await isLastRun(db, volumeId, runId))) return;
  await releaseBackup(db, backupId, volumeId);
}

/** Also for a backup that is gone: nothing to free then. */
async function releaseBackup(db: Database, backupId: string, volumeId: string): Promise<void> {
  await lockBackupRow(db, backupId);
  const { numDeletedRows } = await db
    .deleteFrom('backup_readers')
    .where('backup_id', '=', backupId)
    .where('volume_id', '=', volumeId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return;
  if ((await readersOf(db, backupId)).length === 0) await moveBackup(db, backupId, 'release');
}

/** Frees every backup that this volume reads. */
export async function releaseBackupsOf(db: Database, volumeId: string): Promise<void> {
  const read = await db
    .selectFrom('backup_readers')
    .select('backup_id')
    .where('volume_id', '=', volumeId)
    .orderBy('backup_id')
    .execute();
  for (const { backup_id: backupId } of read) await releaseBackup(db, backupId, volumeId);
}

export async function countReaders(db: Database, backupId: string): Promise<number> {
  return (await readersOf(db, backupId)).length;
}

export async function readersOf(db: Database, backupId: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('backup_readers').select('volume_id').where('backup_id', '=', backupId).execute();
  return rows.map((row) => row.volume_id);
}

export async function lockBackupRow(db: Database, backupId: string): Promise<BackupStatus | null> {
  const row = await db.selectFrom('backups').select('status').where('id', '=', backupId).forUpdate().executeTakeFirst();
  return row?.status ?? null;
}
