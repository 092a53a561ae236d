import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Requests that were withdrawn or refused, so that an attempt to accept one that comes later doesn't bring it back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('withdrawn_requests')
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('subject_id', 'text', (column) => column.notNull())
    .addColumn('withdrawn_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .addPrimaryKeyConstraint('withdrawn_requests_pkey', ['run_id', 'subject_id'])
    .execute();
  await db.schema.createIndex('withdrawn_requests_at').on('withdrawn_requests').column('withdrawn_at').execute();
}
