import type { Backup } from '../../domain/backup';
import { linksTo } from '../links';
import { SINCE } from '../microversions';
import type { Call } from '../route';
import { dateTime } from './date-time';

/** A backup in `GET /backups/{id}` and in detailed lists, in Cinder's order (H-65). */
export function backupView(call: Call, backup: Backup): object {
  return {
    id: backup.id,
    status: backup.status,
    size: backup.sizeGib,
    object_count: backup.objectCount,
    availability_zone: backup.availabilityZone,
    container: backup.container,
    created_at: dateTime(backup.createdAt),
    updated_at: dateTime(backup.updatedAt),
    name: backup.name,
    description: backup.description,
    fail_reason: backup.failReason,
    volume_id: backup.volumeId,
    links: linksTo(call.place, 'backups', backup.id),
    is_incremental: backup.parentId !== null,
    has_dependent_backups: backup.dependentBackups > 0,
    snapshot_id: backup.snapshotId,
    data_timestamp: dateTime(backup.dataTimestamp),
    ...sinceMicroversion(call, backup),
  };
}

/** A backup in a list without details, and in the answer to its import. */
export function backupSummary({ place }: Call, { id, name }: Backup): object {
  return { id, name, links: linksTo(place, 'backups', id) };
}

function sinceMicroversion({ version, caller: { isAdmin } }: Call, backup: Backup): object {
  const { encryptionKeyId } = backup;
  return {
    ...(version >= SINCE.backupMetadata ? { metadata: backup.metadata } : {}),
    ...(version >= SINCE.backupProject && isAdmin ? { 'os-backup-project-attr:project_id': backup.projectId } : {}),
    ...(version >= SINCE.backupUser && isAdmin ? { user_id: backup.userId } : {}),
    ...(version >= SINCE.encryptionKeyId && encryptionKeyId !== null ? { encryption_key_id: encryptionKeyId } : {}),
  };
}
