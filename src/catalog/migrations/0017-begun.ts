import type { Kysely } from 'kysely';

/** What was complete on its pool before that counts as whole, and is not written over unless somebody says so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('begun_epoch', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
