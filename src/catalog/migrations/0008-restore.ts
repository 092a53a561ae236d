import type { Kysely } from 'kysely';

/** Backups can be restored into volumes that are there: the last restore of each. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('restore_backup_id', 'text')
    .addColumn('restore_request_id', 'text')
    .execute();
}
