import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const text = sql`text collate "C"`;

/** What the last copies of each kind took, by which the next ones are estimated. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('measured_copies')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('pool_name', text, (column) => column.notNull())
    .addColumn('mode', text, (column) => column.notNull())
    .addColumn('codec', text, (column) => column.notNull())
    .addColumn('read_back', 'boolean', (column) => column.notNull())
    .addColumn('copied_bytes', 'bigint', (column) => column.notNull())
    .addColumn('elapsed_ms', 'bigint', (column) => column.notNull())
    .execute();
  await sql`create index measured_copies_by_kind on measured_copies (pool_name, mode, codec, read_back, id desc)`.execute(
    db,
  );
}
