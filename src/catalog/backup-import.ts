import type { Backup } from '../domain/backup';
import { Refusal } from '../domain/errors';
import { fits } from '../domain/quota';
import type { QuotaLimits } from '../domain/quota';
import { findBackup } from './backups';
import type { ImportedBackup } from './catalog';
import { requireStorable } from './database';
import type { Database } from './database';
import { lockQuota, quotaLimits, quotaUsage } from './quotas';

/**
 * In a transaction: adds a backup as `available` and takes its quota (H-76, H-78).
 * @param defaults null: beyond all limits
 */
export async function importBackup(
  db: Database,
  backup: ImportedBackup,
  defaults: QuotaLimits | null,
): Promise<Backup> {
  requireStorable(backup);
  await lockQuota(db, backup.projectId);
  // Whichever project it lives in: an id is the id of one backup (H-76).
  if (await findBackup(db, backup.id, 'all-projects')) throw alreadyExists();
  if (defaults) await requireBackupQuota(db, backup, defaults);
  if (!(await writeBackup(db, backup))) throw alreadyExists();
  const written = await findBackup(db, backup.id, 'all-projects');
  if (!written) throw new Error(`Backup ${backup.id} vanished while it was imported`);
  return written;
}

function alreadyExists(): Refusal {
  return new Refusal('InvalidBackup', 'Invalid backup: Backup already exists in database.');
}

/** H-68, H-76: Cinder checks gigabytes before the number of backups. */
async function requireBackupQuota(db: Database, backup: ImportedBackup, defaults: QuotaLimits): Promise<void> {
  const limits = await quotaLimits(db, backup.projectId, defaults);
  const usage = await quotaUsage(db, backup.projectId);
  if (!fits(limits.backupGigabytes, usage.backupGigabytes, backup.sizeGib)) {
    throw new Refusal(
      'VolumeBackupSizeExceedsAvailableQuota',
      'VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. ' +
        `Requested ${backup.sizeGib}G, quota is ${limits.backupGigabytes}G and ${usage.backupGigabytes}G has been consumed.`,
    );
  }
  if (!fits(limits.backups, usage.backups, 1)) {
    throw new Refusal(
      'BackupLimitExceeded',
      `BackupLimitExceeded: Maximum number of backups allowed (${limits.backups}) exceeded`,
    );
  }
}

/** False if somebody else imported a backup of this id meanwhile, for a project whose quota lock isn't ours. */
async function writeBackup(db: Database, backup: ImportedBackup): Promise<boolean> {
  const row = rowOf(backup);
  // A deleted row comes back to life as another backup: its former readers have nothing to do with it.
  await db.deleteFrom('backup_readers').where('backup_id', '=', row.id).execute();
  const result = await db
    .insertInto('backups')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row).where('backups.status', '=', 'deleted'))
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

function rowOf(backup: ImportedBackup) {
  return {
    id: backup.id,
    project_id: backup.projectId,
    user_id: backup.userId,
    status: 'available',
    size_gib: backup.sizeGib,
    name: backup.name,
    description: backup.description,
    fail_reason: null,
    volume_id: backup.volumeId,
    snapshot_id: backup.snapshotId,
    parent_id: backup.parentId,
    service: backup.service,
    container: backup.container,
    service_metadata: backup.serviceMetadata,
    object_count: backup.objectCount,
    availability_zone: backup.availabilityZone,
    host: backup.host,
    encryption_key_id: backup.encryptionKeyId,
    metadata: JSON.stringify(backup.metadata),
    data_timestamp: backup.dataTimestamp,
    created_at: backup.createdAt,
    updated_at: null,
  } as const;
}
