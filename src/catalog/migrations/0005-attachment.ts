import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Who uses a volume, whether he may write, and since when its data is proven. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('attachment', 'jsonb')
    .addColumn('read_only', 'boolean')
    .addColumn('proven_at', sql`timestamptz(3)`)
    .execute();
  // What is available by now became so by being verified, or by being empty.
  await sql`update volumes set proven_at = coalesce(updated_at, created_at) where status = 'available'`.execute(db);
}
