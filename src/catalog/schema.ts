import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Attachment } from '../domain/attachment';
import type { BackupStatus } from '../domain/backup';
import type { Checkpoint } from '../domain/checkpoint';
import type { CopyKind } from '../domain/measured-copy';
import type { OrphanReason } from '../domain/orphan';
import type { Service } from '../domain/service-report';
import type { UserMessage } from '../domain/user-message';
import type { VolumeStatus } from '../domain/volume';
import type { VolumeMeta } from '../domain/volume-metadata';

/** The tables as kysely sees them; `migrations/` makes them. Names are SQL's, `rows.ts` gives them the domain's. */
export interface Schema {
  volumes: VolumesTable;
  volume_types: VolumeTypesTable;
  backups: BackupsTable;
  backup_readers: BackupReadersTable;
  pools: PoolsTable;
  quotas: QuotasTable;
  messages: MessagesTable;
  owed_removals: OwedRemovalsTable;
  orphans: OrphansTable;
  withdrawn_requests: WithdrawnRequestsTable;
  services: ServicesTable;
  default_types: DefaultTypesTable;
  volume_type_access: VolumeTypeAccessTable;
  idempotency_keys: IdempotencyKeysTable;
  measured_copies: MeasuredCopiesTable;
}

/** A JSON object of strings: read as an object, written as JSON text. */
export type StringMap = ColumnType<Record<string, string>, string, string>;

/** A status is written once when a row is born; afterwards only `status-moves.ts` writes it. */
export interface VolumesTable {
  id: string;
  project_id: string;
  user_id: string;
  status: VolumeStatus;
  size_gib: number;
  name: string | null;
  description: string | null;
  volume_type_id: string;
  availability_zone: string;
  host: string | null;
  metadata: StringMap;
  bootable: Generated<boolean>;
  image_metadata: ColumnType<Record<string, string>, string | undefined, string>;
  /** What the backup says of its volume, from the moment its restore is planned until the volume is complete. */
  volume_meta: ColumnType<VolumeMeta | null, string | null | undefined, string | null>;
  attachment: ColumnType<Attachment | null, string | null | undefined, string | null>;
  read_only: boolean | null;
  /** Since when it holds nothing but what was verified; null while that isn't so. */
  proven_at: Date | null;
  backup_id: string | null;
  request_id: string;
  /** The last restore of a backup into the volume as it was: both are null, or neither. */
  restore_backup_id: string | null;
  restore_request_id: string | null;
  /** The last extension of the volume: both are null, or neither. */
  extend_gib: number | null;
  extend_request_id: string | null;
  /** How far the copy came. Counts only for the data that it was written of. */
  checkpoint: ColumnType<Checkpoint | null, string | null | undefined, string | null>;
  /** What the copy may move; null: no limit. */
  bytes_per_second: ColumnType<string | null, number | null | undefined, number | null>;
  epoch: Generated<number>;
  /** The epoch when somebody asked for what is being done, or asked again: who completed the volume since has done it. */
  begun_epoch: Generated<number>;
  /** The clock of a copy that moves nothing (`stall-clock.ts`). */
  stalled_ms: Generated<number>;
  writer_seen_at: Date | null;
  /** When the attempt that writes it now began, or last saved a checkpoint. */
  writer_begun_at: Date | null;
  /** When Temporal scheduled it, in ms: one that was scheduled before may not follow it. */
  writer_scheduled_ms: number | null;
  /** What attempts took of which nothing is left. */
  unsaved_ms: Generated<number>;
  /** What the volume was when its deletion began, for the caller who asks again. */
  deleted_while_creating: Generated<boolean>;
  /** The runs of its workflow that were accepted, the last one at the end. */
  run_ids: Generated<string[]>;
  read_back: Generated<boolean>;
  created_at: Generated<Date>;
  updated_at: Date | null;
  deleted_at: Date | null;
}

export interface VolumeTypesTable {
  id: Generated<string>;
  name: string;
  description: string | null;
  is_public: boolean;
  extra_specs: StringMap;
  deleted_at: Date | null;
}

export interface BackupsTable {
  id: string;
  project_id: string;
  user_id: string;
  status: BackupStatus;
  size_gib: number;
  name: string | null;
  description: string | null;
  fail_reason: string | null;
  volume_id: string;
  snapshot_id: string | null;
  parent_id: string | null;
  service: string;
  container: string | null;
  service_metadata: string | null;
  object_count: number;
  availability_zone: string | null;
  host: string | null;
  encryption_key_id: string | null;
  metadata: StringMap;
  data_timestamp: Date | null;
  created_at: Date;
  updated_at: Date | null;
}

/** Who reads a backup at this moment. Only a volume that is `creating` or `restoring-backup` stands here. */
export interface BackupReadersTable {
  backup_id: string;
  volume_id: string;
}

export interface PoolsTable {
  name: string;
  availability_zone: string;
  total_capacity_gib: number;
  free_capacity_gib: number;
  reserved_percentage: number;
  thin_provisioning: boolean;
  max_over_subscription_ratio: number;
  capabilities: StringMap;
  reported_at: Date;
}

/** A project's own limits, or every project's where its id is empty; null stands for the default. */
export interface QuotasTable {
  project_id: string;
  volumes: number | null;
  gigabytes: number | null;
  backups: number | null;
  backup_gigabytes: number | null;
  per_volume_gigabytes: number | null;
  snapshots: number | null;
  groups: number | null;
  of_types: ColumnType<Record<string, number>, string | undefined, string>;
}

export interface MessagesTable {
  id: Generated<string>;
  project_id: string;
  request_id: string;
  resource_type: UserMessage['resourceType'];
  resource_id: string;
  event_id: string;
  text: string;
  level: UserMessage['level'];
  created_at: Generated<Date>;
  expires_at: Date;
}

/** Projects that may use a type that is private. */
export interface VolumeTypeAccessTable {
  volume_type_id: string;
  project_id: string;
}

/** Of projects whose volumes get another type than the default when they name none. */
export interface DefaultTypesTable {
  project_id: string;
  volume_type_id: string;
}

export interface IdempotencyKeysTable {
  project_id: string;
  key: string;
  body_hash: string;
  volume_id: string;
  created_at: Generated<Date>;
}

/** The last copies of each kind, and what they took. */
export interface MeasuredCopiesTable {
  id: GeneratedAlways<number>;
  pool_name: string;
  mode: CopyKind['mode'];
  codec: string;
  read_back: boolean;
  copied_bytes: number;
  elapsed_ms: number;
}

/** A process that works for us, and when it last said so. */
export interface ServicesTable {
  binary: Service['binary'];
  host: string;
  availability_zone: string;
  reported_at: Date;
  is_disabled: Generated<boolean>;
  disabled_reason: string | null;
}

export interface OwedRemovalsTable {
  volume_id: string;
  pool_name: string;
  size_gib: number;
  debt_id: Generated<string>;
  /** Before that, the data is kept for a retry. Only ever becomes earlier; `-infinity`: it must go at once. */
  due_at: Generated<Date>;
  /** Under which it is removed; null: under the volume's. */
  epoch: number | null;
}

/** What was found on pools that no other row accounts for. */
export interface OrphansTable {
  pool_name: string;
  volume_id: string;
  stored_bytes: number;
  reason: OrphanReason;
  first_seen_at: Generated<Date>;
  remove_at: Date | null;
}

/** What nobody may accept any more. */
export interface WithdrawnRequestsTable {
  run_id: string;
  subject_id: string;
  withdrawn_at: Generated<Date>;
}
