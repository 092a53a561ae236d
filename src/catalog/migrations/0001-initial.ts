import { sql } from 'kysely';
import type { CreateTableBuilder, Kysely } from 'kysely';

/*
 * Ids are text, not uuid: Cinder accepts any id in an imported record (H-76), and any text in a URL (H-50).
 * Text sorts by its bytes, so that a list has the same order on every server.
 * Times have the precision of a JavaScript Date, so that what was read compares equal with what is stored.
 * No table counts anything: usage and provisioned capacity are summed from the rows that cause them.
 */
const text = sql`text collate "C"`;
const id = sql`varchar(255) collate "C"`;
const time = sql`timestamptz(3)`;
const now = sql`clock_timestamp()`;
const emptyMap = sql`'{}'::jsonb`;
const randomId = sql`gen_random_uuid()::text`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await createVolumeTypes(db);
  await createVolumes(db);
  await createBackups(db);
  await createBackupReaders(db);
  await createPools(db);
  await createQuotas(db);
  await createMessages(db);
  await createOwedRemovals(db);
}

/** With the type that Cinder always has (H-80). */
async function createVolumeTypes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('volume_types')
    .addColumn('id', id, (column) => column.primaryKey().defaultTo(randomId))
    .addColumn('name', text, (column) => column.notNull().unique())
    .addColumn('description', text)
    .addColumn('is_public', 'boolean', (column) => column.notNull())
    .addColumn('extra_specs', 'jsonb', (column) => column.notNull().defaultTo(emptyMap))
    .execute();
  await sql`insert into volume_types (name, description, is_public)
            values ('__DEFAULT__', 'Default Volume Type', true)`.execute(db);
}

async function createVolumes(db: Kysely<unknown>): Promise<void> {
  await withOwner(db.schema.createTable('volumes'))
    .addColumn('size_gib', 'integer', (column) => column.notNull().check(sql`size_gib > 0`))
    .addColumn('volume_type_id', id, (column) => column.notNull().references('volume_types.id'))
    .addColumn('availability_zone', text, (column) => column.notNull())
    .addColumn('host', text)
    .addColumn('bootable', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('backup_id', id)
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('stalled_ms', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('writer_seen_at', time)
    .addColumn('deleted_while_creating', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('deleted_at', time)
    .execute();
  await sql`create index volumes_by_project on volumes (project_id, created_at, id)`.execute(db);
  await sql`create index volumes_by_host on volumes (host) where host is not null`.execute(db);
}

async function createBackups(db: Kysely<unknown>): Promise<void> {
  await withOwner(db.schema.createTable('backups'))
    .addColumn('size_gib', 'integer', (column) => column.notNull())
    .addColumn('fail_reason', text)
    .addColumn('volume_id', text, (column) => column.notNull())
    .addColumn('snapshot_id', text)
    .addColumn('parent_id', text)
    .addColumn('service', text, (column) => column.notNull())
    .addColumn('container', text)
    .addColumn('service_metadata', text)
    .addColumn('object_count', 'integer', (column) => column.notNull())
    .addColumn('availability_zone', text)
    .addColumn('host', text)
    .addColumn('encryption_key_id', text)
    .addColumn('data_timestamp', time)
    .execute();
  await sql`create index backups_by_project on backups (project_id, created_at, id)`.execute(db);
  await sql`create index backups_by_parent on backups (parent_id) where parent_id is not null`.execute(db);
}

/** What volumes and backups have in common. */
function withOwner(table: CreateTableBuilder<string>): CreateTableBuilder<string> {
  return table
    .addColumn('id', id, (column) => column.primaryKey())
    .addColumn('project_id', text, (column) => column.notNull())
    .addColumn('user_id', text, (column) => column.notNull())
    .addColumn('status', text, (column) => column.notNull())
    .addColumn('name', text)
    .addColumn('description', text)
    .addColumn('metadata', 'jsonb', (column) => column.notNull().defaultTo(emptyMap))
    .addColumn('created_at', time, (column) => column.notNull().defaultTo(now))
    .addColumn('updated_at', time);
}

async function createBackupReaders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('backup_readers')
    .addColumn('backup_id', id, (column) => column.notNull().references('backups.id'))
    .addColumn('volume_id', id, (column) => column.notNull().references('volumes.id'))
    .addPrimaryKeyConstraint('backup_readers_pkey', ['backup_id', 'volume_id'])
    .execute();
  await sql`create index backup_readers_by_volume on backup_readers (volume_id)`.execute(db);
}

async function createPools(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pools')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('availability_zone', text, (column) => column.notNull())
    .addColumn('total_capacity_gib', 'double precision', (column) => column.notNull())
    .addColumn('free_capacity_gib', 'double precision', (column) => column.notNull())
    .addColumn('reserved_percentage', 'double precision', (column) => column.notNull())
    .addColumn('thin_provisioning', 'boolean', (column) => column.notNull())
    .addColumn('max_over_subscription_ratio', 'double precision', (column) => column.notNull())
    .addColumn('capabilities', 'jsonb', (column) => column.notNull())
    .addColumn('reported_at', time, (column) => column.notNull())
    .execute();
}

async function createQuotas(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('quotas')
    .addColumn('project_id', text, (column) => column.primaryKey())
    .addColumn('volumes', 'integer')
    .addColumn('gigabytes', 'integer')
    .addColumn('backups', 'integer')
    .addColumn('backup_gigabytes', 'integer')
    .addColumn('per_volume_gigabytes', 'integer')
    .execute();
}

async function createMessages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('id', id, (column) => column.primaryKey().defaultTo(randomId))
    .addColumn('project_id', text, (column) => column.notNull())
    .addColumn('request_id', text, (column) => column.notNull())
    .addColumn('resource_type', text, (column) => column.notNull())
    .addColumn('resource_id', text, (column) => column.notNull())
    .addColumn('event_id', text, (column) => column.notNull())
    .addColumn('text', text, (column) => column.notNull())
    .addColumn('level', text, (column) => column.notNull())
    .addColumn('created_at', time, (column) => column.notNull().defaultTo(now))
    .addColumn('expires_at', time, (column) => column.notNull())
    .execute();
  await sql`create index messages_by_project on messages (project_id, created_at, id)`.execute(db);
  await sql`create index messages_by_expiry on messages (expires_at)`.execute(db);
}

async function createOwedRemovals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('owed_removals')
    .addColumn('volume_id', id, (column) => column.notNull())
    .addColumn('pool_name', text, (column) => column.notNull())
    .addColumn('size_gib', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('owed_removals_pkey', ['volume_id', 'pool_name'])
    .execute();
}
