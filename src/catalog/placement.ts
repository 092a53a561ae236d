import { Refusal } from '../domain/errors';
import type { Pool } from '../domain/pool';
import type { Volume } from '../domain/volume';
import type { PlacementOptions } from './catalog';
import { currentTime, databaseClock } from './database';
import type { Database } from './database';
import { listPools, lockPools } from './pools';
import { findVolumeType } from './volume-types';
import { lockVolume, rereadVolume } from './volumes';

/** In a transaction. See `Catalog.placeVolume`. */
export async function placeVolume(db: Database, { volumeId, choose }: PlacementOptions): Promise<Volume> {
  const volume = await lockVolume(db, volumeId);
  if (volume?.status !== 'creating') {
    throw new Refusal('Conflict', `Volume ${volumeId} is not being created: it may not be placed.`);
  }
  if (volume.host !== null) return volume;
  const type = await findVolumeType(db, volume.volumeTypeId);
  if (!type) throw new Error(`Volume type ${volume.volumeTypeId} of volume ${volumeId} does not exist`);
  // Only behind the lock is the sum of the reservations final.
  await lockPools(db);
  const host = choose(volume, type, await poolsFor(db, volumeId), await databaseClock(db));
  await db.updateTable('volumes').set({ host, updated_at: currentTime }).where('id', '=', volumeId).execute();
  return rereadVolume(db, volumeId);
}

/** A pool that still owes the removal of this volume's data is none: what is placed there would be removed with it. */
async function poolsFor(db: Database, volumeId: string): Promise<readonly Pool[]> {
  const rows = await db.selectFrom('owed_removals').select('pool_name').where('volume_id', '=', volumeId).execute();
  const owing = new Set(rows.map((row) => row.pool_name));
  return (await listPools(db)).filter((pool) => !owing.has(pool.name));
}

export async function unplaceVolume(db: Database, volumeId: string, poolName: string): Promise<void> {
  await db
    .updateTable('volumes')
    .set({ host: null, updated_at: currentTime })
    .where('id', '=', volumeId)
    .where('host', '=', poolName)
    .execute();
}
