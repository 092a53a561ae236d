import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** What has no workflow any more is looked for each minute, among any number of rows that need none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index volumes_unsettled on volumes (updated_at, id)
    where status in ('creating', 'restoring-backup', 'deleting')`.execute(db);
  await sql`create index backups_deleting on backups (updated_at, id) where status = 'deleting'`.execute(db);
}
