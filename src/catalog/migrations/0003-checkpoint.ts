import type { Kysely } from 'kysely';

/** How far the copy onto a volume came, and how fast it may be. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('checkpoint', 'jsonb')
    .addColumn('bytes_per_second', 'bigint')
    .execute();
}
