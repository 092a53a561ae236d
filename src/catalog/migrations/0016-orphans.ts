import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** What lies on pools although no volume accounts for it, so that operators hear of it and it isn't removed on the first look. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('orphans')
    .addColumn('pool_name', 'text', (column) => column.notNull())
    .addColumn('volume_id', 'text', (column) => column.notNull())
    .addColumn('stored_bytes', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('first_seen_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .addColumn('remove_at', sql`timestamptz(3)`)
    .addPrimaryKeyConstraint('orphans_pkey', ['pool_name', 'volume_id'])
    .execute();
}
