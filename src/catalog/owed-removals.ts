import { sql } from 'kysely';
import type { DueRemoval, OwedRemoval, PlacedVolume } from './catalog';
import { currentTime } from './database';
import type { Database } from './database';
import { lockVolume } from './volumes';

/*
 * What must go from pools, now or when it is due. Until then it is kept for a retry, which takes the debt back; what is due never
 * is taken back. Rows are locked where they are judged by their time, so that whoever removes data and whoever wants it never both
 * think that it is theirs.
 */

/**
 * In a transaction. One volume may owe on several pools: it may have been tried on each.
 * @param owed.epoch under which it is removed; left out: the volume's, which shuts out a removal that the catalog only believes to owe
 */
export async function oweRemoval(
  db: Database,
  owed: OwedRemoval & { readonly epoch?: number },
  keepMs: number,
): Promise<void> {
  const { volumeId, poolName, sizeGib, epoch = null } = owed;
  await db
    .insertInto('owed_removals')
    .values({ volume_id: volumeId, pool_name: poolName, size_gib: sizeGib, due_at: dueAfter(keepMs), epoch })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whatever is owed of the volume is due in `keepMs` at the latest. */
export async function makeDue(db: Database, volumeId: string, keepMs: number): Promise<void> {
  await db
    .updateTable('owed_removals')
    .set({ due_at: sql<Date>`least(due_at, ${dueAfter(keepMs)})` })
    .where('volume_id', '=', volumeId)
    .execute();
}

/** What is due on a backend. */
export async function owedRemovals(db: Database, backend: string): Promise<readonly OwedRemoval[]> {
  return selectOwed(db)
    .where(sql<string>`split_part(pool_name, '#', 1)`, '=', backend)
    .where('due_at', '<=', currentTime)
    .forUpdate()
    .execute();
}

/** See `Catalog.dueRemoval`. The volume's epoch was a new one when it left the pool, so that whoever wrote it there has an older one. */
export async function dueRemoval(db: Database, { volumeId, poolName }: PlacedVolume): Promise<DueRemoval | null> {
  const row = await db
    .selectFrom('owed_removals')
    .leftJoin('volumes', 'volumes.id', 'owed_removals.volume_id')
    .select([sql<number>`coalesce(owed_removals.epoch, volumes.epoch, 0)`.as('epoch'), 'debt_id as debtId'])
    .where('owed_removals.volume_id', '=', volumeId)
    .where('pool_name', '=', poolName)
    .where('due_at', '<=', currentTime)
    .executeTakeFirst();
  return row ?? null;
}

/** Where anything of a volume lies, due or not. */
export async function dataLeftOf(db: Database, volumeId: string): Promise<readonly OwedRemoval[]> {
  return selectOwed(db).where('volume_id', '=', volumeId).execute();
}

/** In a transaction, which nobody else takes these rows from: the pools that keep data of a volume, and those that have yet to remove it. */
export async function lockDataLeftOf(
  db: Database,
  volumeId: string,
): Promise<{ readonly holding: readonly string[]; readonly owing: readonly string[] }> {
  const rows = await selectOwed(db)
    .select(sql<boolean>`due_at > clock_timestamp()`.as('isKept'))
    .where('volume_id', '=', volumeId)
    .forUpdate()
    .execute();
  const namesOf = (isKept: boolean) => rows.filter((row) => row.isKept === isKept).map(({ poolName }) => poolName);
  return { holding: namesOf(true), owing: namesOf(false) };
}

/** The data is the volume's again. For kept data only. */
export async function takeBack(db: Database, volumeId: string, poolName: string): Promise<void> {
  await db.deleteFrom('owed_removals').where('volume_id', '=', volumeId).where('pool_name', '=', poolName).execute();
}

/** In a transaction. See `Catalog.settleRemoval`. */
export async function settleRemoval(
  db: Database,
  { volumeId, poolName }: PlacedVolume,
  debtId: string | undefined,
): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  const debt = db.deleteFrom('owed_removals').where('volume_id', '=', volumeId).where('pool_name', '=', poolName);
  await (debtId === undefined ? debt : debt.where('debt_id', '=', debtId)).execute();
  // Of a volume that lies somewhere it says how far that copy came.
  if (!volume || volume.host !== null || (await dataLeftOf(db, volumeId)).length > 0) return;
  await db.updateTable('volumes').set({ checkpoint: null }).where('id', '=', volumeId).execute();
}

function selectOwed(db: Database) {
  return db
    .selectFrom('owed_removals')
    .select(['volume_id as volumeId', 'size_gib as sizeGib', 'pool_name as poolName'])
    .orderBy('pool_name')
    .orderBy('volume_id');
}

/** What isn't kept at all is due whatever the clock says, and whenever it is set. */
function dueAfter(keepMs: number) {
  return keepMs > 0 ? dueIn(keepMs) : sql<Date>`'-infinity'::timestamptz`;
}

/** So long from now, by the database's clock. */
export function dueIn(keepMs: number) {
  return sql<Date>`clock_timestamp() + ${keepMs}::double precision * interval '1 ms'`;
}
