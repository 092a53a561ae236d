import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * What must go at once is due at no time that a clock can be set back behind, so that debts are told from each other by an id: a random one, which a
 * catalog that comes back from an older dump doesn't give again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('owed_removals')
    .addColumn('debt_id', 'uuid', (column) => column.notNull().defaultTo(sql`gen_random_uuid()`))
    .alterColumn('due_at', (column) => column.setDefault(sql`'-infinity'`))
    .execute();
  await sql`update owed_removals set due_at = '-infinity' where due_at <= clock_timestamp()`.execute(db);
}
