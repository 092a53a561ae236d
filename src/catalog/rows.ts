import { sql } from 'kysely';
import type { LastExtension, LastRestore } from '../domain/volume';
import type { Database } from './database';

/*
 * The rows in the domain's words: every read of a volume, backup or type goes through one of these, so that a column is
 * named once.
 */

const VOLUME_COLUMNS = [
  'volumes.id',
  'volumes.project_id as projectId',
  'volumes.user_id as userId',
  'volumes.status',
  'volumes.size_gib as sizeGib',
  'volumes.name',
  'volumes.description',
  'volumes.volume_type_id as volumeTypeId',
  'volume_types.name as volumeTypeName',
  'volumes.availability_zone as availabilityZone',
  'volumes.host',
  'volumes.metadata',
  'volumes.bootable',
  'volumes.read_only as readOnly',
  'volumes.attachment',
  'volumes.image_metadata as imageMetadata',
  'volumes.backup_id as backupId',
  'volumes.request_id as requestId',
  'volumes.epoch',
  'volumes.read_back as readBack',
  'volumes.created_at as createdAt',
  'volumes.updated_at as updatedAt',
] as const;

const BACKUP_COLUMNS = [
  'backups.id',
  'backups.project_id as projectId',
  'backups.user_id as userId',
  'backups.status',
  'backups.size_gib as sizeGib',
  'backups.name',
  'backups.description',
  'backups.fail_reason as failReason',
  'backups.volume_id as volumeId',
  'backups.snapshot_id as snapshotId',
  'backups.parent_id as parentId',
  'backups.service',
  'backups.container',
  'backups.service_metadata as serviceMetadata',
  'backups.object_count as objectCount',
  'backups.availability_zone as availabilityZone',
  'backups.host',
  'backups.encryption_key_id as encryptionKeyId',
  'backups.metadata',
  'backups.data_timestamp as dataTimestamp',
  'backups.created_at as createdAt',
  'backups.updated_at as updatedAt',
] as const;

/** All volumes, also deleted ones. */
export function selectVolumes(db: Database) {
  return db
    .selectFrom('volumes')
    .innerJoin('volume_types', 'volume_types.id', 'volumes.volume_type_id')
    .select(VOLUME_COLUMNS)
    .select(sql<number>`cardinality(volumes.run_ids)`.as('runs'))
    .select(sql<boolean>`volumes.proven_at is not null`.as('isProven'))
    .select(lastRestore.as('restore'))
    .select(lastExtension.as('extension'));
}

const lastRestore = sql<LastRestore | null>`case when volumes.restore_backup_id is not null then jsonb_build_object(
  'backupId', volumes.restore_backup_id, 'requestId', volumes.restore_request_id
) end`;

const lastExtension = sql<LastExtension | null>`case when volumes.extend_gib is not null then jsonb_build_object(
  'newSizeGib', volumes.extend_gib, 'requestId', volumes.extend_request_id
) end`;

/** All backups, also deleted ones. */
export function selectBackups(db: Database) {
  return db.selectFrom('backups').select(BACKUP_COLUMNS).select(dependentBackups.as('dependentBackups'));
}

const dependentBackups = sql<number>`(
  select count(*) from backups child where child.parent_id = backups.id and child.status <> 'deleted'
)`;

export function selectVolumeTypes(db: Database) {
  return db
    .selectFrom('volume_types')
    .select(['id', 'name', 'description', 'is_public as isPublic', 'extra_specs as extraSpecs']);
}
