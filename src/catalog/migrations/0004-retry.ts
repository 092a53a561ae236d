import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Failed creates can be retried: which runs a volume had, and until when the data that they left is kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('run_ids', sql`text[]`, (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('read_back', 'boolean', (column) => column.notNull().defaultTo(false))
    .execute();
  await db.schema
    .alterTable('owed_removals')
    .addColumn('due_at', sql`timestamptz(3)`, (column) => column.notNull().defaultTo(sql`clock_timestamp()`))
    .execute();
}
