import { z } from 'zod';
import type { Backup } from '../../domain/backup';
import { LINKED } from '../contract';
import { linksTo } from '../links';
import { SINCE } from '../microversions';
import type { Call } from '../route';
import { DATE_TIME, dateTime } from './date-time';

export const BACKUP_SUMMARY = z.strictObject({ ...LINKED, name: z.string().nullable() });

/** Of all microversions: what only some of them have is optional. */
export const BACKUP = z.looseObject({
  ...LINKED,
  status: z.string(),
  size: z.int().min(0),
  object_count: z.int().min(0),
  availability_zone: z.string().nullable(),
  container: z.string().nullable(),
  created_at: DATE_TIME,
  updated_at: DATE_TIME.nullable(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  fail_reason: z.string().nullable(),
  volume_id: z.string(),
  is_incremental: z.boolean(),
  has_dependent_backups: z.boolean(),
  snapshot_id: z.string().nullable(),
  data_timestamp: DATE_TIME.nullable(),
  metadata: z.record(z.string(), z.string()).optional(),
  user_id: z.string().nullable().optional(),
});

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
