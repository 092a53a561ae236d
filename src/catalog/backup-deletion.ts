import type { Backup } from '../domain/backup';
import type { BackupMove } from '../domain/moves';
import { invalid, lockLiveBackup, requireNoReader } from './backup-edits';
import { currentTime } from './database';
import type { Database } from './database';
import { moveBackup } from './status-moves';

/** In a transaction. See `CatalogEdits.deleteBackup`. */
export async function deleteBackup(db: Database, backupId: string, force: boolean): Promise<void> {
  await moveToDeletion(db, await lockLiveBackup(db, backupId), { force, move: force ? 'forcedDelete' : 'delete' });
}

export interface BegunBackupDeletion {
  readonly backup: Backup;
  /** Whether the record of another backup names the same objects. */
  readonly sharesObjects: boolean;
}

/** In a transaction. See `Catalog.beginBackupDeletion`. */
export async function beginBackupDeletion(
  db: Database,
  backupId: string,
  force: boolean,
): Promise<BegunBackupDeletion> {
  const backup = await lockLiveBackup(db, backupId);
  const move = force ? 'beginForcedDeletion' : 'beginDeletion';
  if (backup.status !== 'deleting') await moveToDeletion(db, backup, { force, move });
  return { backup, sharesObjects: await sharesObjects(db, backup) };
}

/** @throws Refusal('InvalidBackup'): of what is wrong with it, its status comes first, as in Cinder */
async function moveToDeletion(
  db: Database,
  { id, dependentBackups }: Backup,
  { force, move }: { readonly force: boolean; readonly move: BackupMove },
): Promise<void> {
  if (force) await requireNoReader(db, id);
  if (!(await moveBackup(db, id, move))) throw invalid('Backup status must be available or error');
  // Thrown after the move, which the transaction takes back.
  if (dependentBackups > 0) throw invalid('Incremental backups exist for this backup.');
}

/** A record may have been imported once more under another id (H-161f). */
async function sharesObjects(db: Database, { id, container, serviceMetadata }: Backup): Promise<boolean> {
  const other = await db
    .selectFrom('backups')
    .select('id')
    .where('id', '<>', id)
    .where('status', '<>', 'deleted')
    .where('container', 'is not distinct from', container)
    .where('service_metadata', 'is not distinct from', serviceMetadata)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

/** See `Catalog.finishBackupDeletion`. */
export async function finishBackupDeletion(db: Database, backupId: string): Promise<void> {
  await moveBackup(db, backupId, 'finishDeletion');
}

/** In a transaction. See `Catalog.failBackupDeletion`. */
export async function failBackupDeletion(db: Database, backupId: string, reason: string): Promise<void> {
  if (!(await moveBackup(db, backupId, 'failDeletion'))) return;
  const failReason = Array.from(reason.replaceAll('\0', '')).slice(0, MAX_REASON).join('');
  const changes = { fail_reason: failReason, updated_at: currentTime };
  await db.updateTable('backups').set(changes).where('id', '=', backupId).execute();
}

/** As long as Cinder's column. */
const MAX_REASON = 255;
