import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Volumes can be extended: the last extension of each. One that is `extending` is ended by a workflow only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('extend_gib', 'integer')
    .addColumn('extend_request_id', 'text')
    .execute();
  await sql`drop index volumes_unsettled`.execute(db);
  await sql`create index volumes_unsettled on volumes (updated_at, id)
    where status in ('creating', 'restoring-backup', 'extending', 'deleting')`.execute(db);
}
