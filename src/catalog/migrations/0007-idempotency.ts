import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const text = sql`text collate "C"`;

/** Which volume a caller's Idempotency-Key made, and of what body. Outlives the volume. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('project_id', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('body_hash', text, (column) => column.notNull())
    .addColumn('volume_id', text, (column) => column.notNull().unique())
    .addColumn('created_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .addPrimaryKeyConstraint('idempotency_keys_pkey', ['project_id', 'key'])
    .execute();
  await sql`create index idempotency_keys_by_age on idempotency_keys (created_at)`.execute(db);
}
