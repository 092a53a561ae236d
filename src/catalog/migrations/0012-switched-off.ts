import type { Kysely } from 'kysely';

/** An administrator switches a backend off: no new volume is placed there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('services')
    .addColumn('is_disabled', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('disabled_reason', 'text')
    .execute();
}
