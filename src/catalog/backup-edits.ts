import type { Backup } from '../domain/backup';
import { Refusal } from '../domain/errors';
import { backupNotFound, findBackup } from './backups';
import type { BackupEdit } from './catalog';
import { currentTime, requireStorable } from './database';
import type { Database } from './database';
import { moveBackup } from './status-moves';

/** In a transaction. See `CatalogEdits.editBackup`. */
export async function editBackup(db: Database, backupId: string, edit: BackupEdit): Promise<Backup> {
  requireStorable(edit);
  await lockLiveBackup(db, backupId);
  const { metadata, ...fields } = edit;
  await db
    .updateTable('backups')
    .set({ ...fields, ...(metadata && { metadata: JSON.stringify(metadata) }), updated_at: currentTime })
    .where('id', '=', backupId)
    .execute();
  return lockLiveBackup(db, backupId);
}

/** In a transaction. See `CatalogEdits.resetBackup`. */
export async function resetBackup(db: Database, backupId: string, status: 'available' | 'error'): Promise<void> {
  await lockLiveBackup(db, backupId);
  await requireNoReader(db, backupId);
  await moveBackup(db, backupId, status === 'available' ? 'resetToAvailable' : 'resetToError');
}

/** @throws Refusal('InvalidBackup') */
export async function requireNoReader(db: Database, backupId: string): Promise<void> {
  const reader = await db
    .selectFrom('backup_readers')
    .innerJoin('volumes', 'volumes.id', 'backup_readers.volume_id')
    .select(['volumes.id', 'volumes.status'])
    .where('backup_readers.backup_id', '=', backupId)
    .executeTakeFirst();
  if (!reader) return;
  throw invalid(
    reader.status === 'restoring-backup'
      ? `This backup is being restored into volume ${reader.id}. Wait for its end, or cancel its workflow.`
      : `Volume ${reader.id} is being created from this backup. Wait for its end, or delete it.`,
  );
}

/** The row, which nobody else changes until the transaction ends. */
export async function lockLiveBackup(db: Database, backupId: string): Promise<Backup> {
  requireStorable(backupId);
  await db.selectFrom('backups').select('id').where('id', '=', backupId).forUpdate().execute();
  const backup = await findBackup(db, backupId, 'all-projects');
  if (!backup) throw backupNotFound(backupId);
  return backup;
}

export function invalid(reason: string): Refusal {
  return new Refusal('InvalidBackup', `Invalid backup: ${reason}`);
}
