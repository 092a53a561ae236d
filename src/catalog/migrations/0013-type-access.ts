import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Projects that may use a private volume type. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const id = sql`varchar(255) collate "C"`;
  await db.schema
    .createTable('volume_type_access')
    .addColumn('volume_type_id', id, (column) => column.notNull().references('volume_types.id'))
    .addColumn('project_id', sql`text collate "C"`, (column) => column.notNull())
    .addPrimaryKeyConstraint('volume_type_access_pkey', ['volume_type_id', 'project_id'])
    .execute();
}
