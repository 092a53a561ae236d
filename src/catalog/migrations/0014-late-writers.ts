import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * An attempt to write a volume that begins late, after its successor, is told from it by the time for which it was scheduled; and the time
 * that attempts take of which nothing is left adds up. Volumes and backups under way are read page by page, by their ids.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('writer_scheduled_ms', 'double precision')
    .addColumn('writer_begun_at', sql`timestamptz(3)`)
    .addColumn('unsaved_ms', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`drop index volumes_unsettled`.execute(db);
  await sql`drop index backups_deleting`.execute(db);
  await sql`create index volumes_unsettled on volumes (id)
    where status in ('creating', 'restoring-backup', 'extending', 'deleting')`.execute(db);
  await sql`create index backups_deleting on backups (id) where status = 'deleting'`.execute(db);
}
