import { sql } from 'kysely';
import type { OwedRemoval } from './catalog';
import type { Database } from './database';

/** Idempotent. One volume may owe on several pools: it may have been tried on each. */
export async function oweRemoval(db: Database, { volumeId, poolName, sizeGib }: OwedRemoval): Promise<void> {
  await db
    .insertInto('owed_removals')
    .values({ volume_id: volumeId, pool_name: poolName, size_gib: sizeGib })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function owedRemovals(db: Database, backend: string): Promise<readonly OwedRemoval[]> {
  return db
    .selectFrom('owed_removals')
    .select(['volume_id as volumeId', 'size_gib as sizeGib', 'pool_name as poolName'])
    .where(sql<string>`split_part(pool_name, '#', 1)`, '=', backend)
    .orderBy('pool_name')
    .orderBy('volume_id')
    .execute();
}

/** Idempotent. */
export async function settleRemoval(db: Database, volumeId: string, poolName: string): Promise<void> {
  await db.deleteFrom('owed_removals').where('volume_id', '=', volumeId).where('pool_name', '=', poolName).execute();
}
