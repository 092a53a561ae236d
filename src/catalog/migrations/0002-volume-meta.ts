import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Image metadata of volumes, and what a backup says of its volume, kept until the volume that is made from it is complete. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('volumes')
    .addColumn('image_metadata', 'jsonb', (column) => column.notNull().defaultTo(sql`'{}'::jsonb`))
    .addColumn('volume_meta', 'jsonb')
    .execute();
}
