import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import type { Orphan, OrphanReason, PoolContent } from '../domain/orphan';
import { GIB } from '../domain/volume';
import { databaseClock, isStorable } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import { dueIn, oweRemoval } from './owed-removals';
import { lockVolume } from './volumes';

/*
 * A look at a pool is older than what the catalog says at the same moment: a volume that was listed may have been deleted since. So what
 * is found is only noted, and judged again at the next looks.
 */

/** See `CatalogReader.listOrphans`. */
export async function listOrphans(db: Database): Promise<readonly Orphan[]> {
  return selectOrphans(db).orderBy('first_seen_at').orderBy('pool_name').orderBy('volume_id').execute();
}

/** See `CatalogEdits.removeOrphan`. */
export async function removeOrphan(db: Database, volumeId: string): Promise<boolean> {
  if (!isStorable(volumeId)) return false;
  const { numUpdatedRows } = await db
    .updateTable('orphans')
    .set({ remove_at: sql<Date>`least(remove_at, clock_timestamp())` })
    .where('volume_id', '=', volumeId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** In a transaction. See `Catalog.noteContent`. */
export async function noteContent(db: Database, content: PoolContent, graceMs: number): Promise<readonly Orphan[]> {
  const { poolName } = content;
  const found = await unaccounted(db, content);
  await forgetOthers(db, poolName, found);
  const known = new Set((await orphansOn(db, poolName)).map(({ volumeId }) => volumeId));
  await note(db, { poolName, found, graceMs });
  const orphans = await orphansOn(db, poolName);
  await oweWhatIsDue(db, orphans);
  return orphans.filter(({ volumeId }) => !known.has(volumeId));
}

/** What became usable while somebody looked, which takes no longer, may not have been there yet. */
const LOOK_TAKES_MS = 600_000;

interface Found {
  readonly volumeId: string;
  readonly storedBytes: number;
  readonly reason: OrphanReason;
}

async function unaccounted(db: Database, { poolName, volumes }: PoolContent): Promise<readonly Found[]> {
  const stored = JSON.stringify(volumes.map(({ volumeId, storedBytes }) => ({ id: volumeId, bytes: storedBytes })));
  const { rows } = await sql<Found>`
    select stored.id as "volumeId", stored.bytes as "storedBytes",
      case when volumes.id is null then 'unknown' when volumes.status = 'deleted' then 'deleted' else 'elsewhere' end as reason
    from jsonb_to_recordset(${stored}::jsonb) as stored(id text collate "C", bytes bigint)
    left join volumes on volumes.id = stored.id
    where (volumes.status = 'deleted' or volumes.host is distinct from ${poolName})
      and not exists (select from owed_removals owed where owed.volume_id = stored.id and owed.pool_name = ${poolName})
    union all
    select volumes.id, 0, 'missing' from volumes
    where volumes.host = ${poolName} and volumes.proven_at < clock_timestamp() - ${LOOK_TAKES_MS} * interval '1 ms'
      and volumes.status not in ('creating', 'deleting', 'deleted')
      and volumes.id not in (select id from jsonb_to_recordset(${stored}::jsonb) as stored(id text collate "C"))`.execute(
    db,
  );
  return rows;
}

async function forgetOthers(db: Database, poolName: string, found: readonly Found[]): Promise<void> {
  const ids = found.map(({ volumeId }) => volumeId);
  await db
    .deleteFrom('orphans')
    .where('pool_name', '=', poolName)
    .where(sql<SqlBool>`volume_id <> all(${ids}::text[])`)
    .execute();
}

interface Noted {
  readonly poolName: string;
  readonly found: readonly Found[];
  readonly graceMs: number;
}

/** What an administrator has said stays said, as long as the reason is the same. As arrays: a statement takes no more than 65,535 values. */
async function note(db: Database, { poolName, found, graceMs }: Noted): Promise<void> {
  const ids = found.map(({ volumeId }) => volumeId);
  const bytes = found.map(({ storedBytes }) => storedBytes);
  const reasons = found.map(({ reason }) => reason);
  await sql`
    insert into orphans (pool_name, volume_id, stored_bytes, reason, remove_at)
    select ${poolName}, id, bytes, reason, case when reason = 'deleted' then ${dueIn(graceMs)} end
    from unnest(${ids}::text[], ${bytes}::bigint[], ${reasons}::text[]) as found(id, bytes, reason)
    on conflict (pool_name, volume_id) do update set
      stored_bytes = excluded.stored_bytes,
      reason = excluded.reason,
      remove_at = case when orphans.reason = excluded.reason then orphans.remove_at else excluded.remove_at end`.execute(
    db,
  );
}

/** Behind the lock of the volume, so that it isn't placed on this pool at the same moment. */
async function oweWhatIsDue(db: Database, orphans: readonly Orphan[]): Promise<void> {
  const now = await databaseClock(db);
  for (const { volumeId, poolName, storedBytes, removeAt } of orphans) {
    if (removeAt === null || removeAt > now) continue;
    const volume = await lockVolume(db, volumeId);
    if (volume && volume.status !== 'deleted' && volume.host === poolName) continue;
    const epoch = nextEpoch(volume?.epoch ?? 0, now);
    await oweRemoval(db, { volumeId, poolName, sizeGib: Math.ceil(storedBytes / GIB), epoch }, 0);
  }
}

function orphansOn(db: Database, poolName: string): Promise<readonly Orphan[]> {
  return selectOrphans(db).where('pool_name', '=', poolName).orderBy('volume_id').execute();
}

function selectOrphans(db: Database) {
  return db
    .selectFrom('orphans')
    .select([
      'pool_name as poolName',
      'volume_id as volumeId',
      'stored_bytes as storedBytes',
      'reason',
      'first_seen_at as firstSeenAt',
      'remove_at as removeAt',
    ]);
}
