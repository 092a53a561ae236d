import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const text = sql`text collate "C"`;
const time = sql`timestamptz(3)`;
const emptyMap = sql`'{}'::jsonb`;

/** What administrators look after: quotas of types, types that come and go, who works for us. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('quotas')
    .addColumn('snapshots', 'integer')
    .addColumn('groups', 'integer')
    .addColumn('of_types', 'jsonb', (column) => column.notNull().defaultTo(emptyMap))
    .execute();
  await keepDeletedTypes(db);
  await createServices(db);
  await createDefaultTypes(db);
  await sql`create index volumes_by_attachment on volumes ((attachment ->> 'id')) where attachment is not null`.execute(
    db,
  );
}

/** A type that is gone is named by the volumes that it had, deleted ones included; its name is free for another. */
async function keepDeletedTypes(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('volume_types').addColumn('deleted_at', time).execute();
  await db.schema.alterTable('volume_types').dropConstraint('volume_types_name_key').execute();
  await sql`create unique index volume_types_by_name on volume_types (name) where deleted_at is null`.execute(db);
  await sql`create index volumes_by_type on volumes (volume_type_id) where status <> 'deleted'`.execute(db);
}

/** The type that a project's volumes get when they name none (S-9). */
async function createDefaultTypes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('default_types')
    .addColumn('project_id', text, (column) => column.primaryKey())
    .addColumn('volume_type_id', sql`varchar(255) collate "C"`, (column) =>
      column.notNull().references('volume_types.id'),
    )
    .execute();
}

/** A process that works says so again and again (H-82). */
async function createServices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('services')
    .addColumn('binary', text, (column) => column.notNull())
    .addColumn('host', text, (column) => column.notNull())
    .addColumn('availability_zone', text, (column) => column.notNull())
    .addColumn('reported_at', time, (column) => column.notNull())
    .addPrimaryKeyConstraint('services_pkey', ['binary', 'host'])
    .execute();
}
