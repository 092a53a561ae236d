import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import type { LeavingVolume, PlacementOptions } from './catalog';
import { currentTime, databaseClock } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import { lockDataLeftOf, makeDue, oweRemoval, takeBack } from './owed-removals';
import { listPools, lockPools } from './pools';
import { isLastRun } from './runs';
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
  const { holding, owing } = await lockDataLeftOf(db, volumeId);
  const pools = await listPools(db);
  const host = choose({ volume, type, pools, holding, owing, now: await databaseClock(db) });
  if (holding.includes(host)) await takeBack(db, volumeId, host);
  await makeDue(db, volumeId, 0);
  await db.updateTable('volumes').set({ host, updated_at: currentTime }).where('id', '=', volumeId).execute();
  return rereadVolume(db, volumeId);
}

/** In a transaction. See `Catalog.unplaceVolume`. */
export async function unplaceVolume(db: Database, { volumeId, runId, keepMs }: LeavingVolume): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (!volume || !(await mayLeave(db, volume, runId))) return;
  const { host: poolName, sizeGib } = volume;
  if (poolName !== null) {
    await oweRemoval(db, { volumeId, poolName, sizeGib }, keepMs);
    // With a new epoch: whoever is at it there still may not touch it any more.
    const epoch = nextEpoch(volume.epoch, await databaseClock(db));
    const changes = { host: null, epoch, updated_at: currentTime };
    await db.updateTable('volumes').set(changes).where('id', '=', volumeId).execute();
  }
  await makeDue(db, volumeId, keepMs);
}

/**
 * One that was available once keeps its place until it is deleted: whoever thinks that its create has failed, because he missed an
 * answer or looked before it was over, would take a user's data away.
 */
async function mayLeave(db: Database, { id, status, isProven }: Volume, runId: string): Promise<boolean> {
  if (status === 'deleting') return true;
  return (status === 'creating' || status === 'error') && !isProven && (await isLastRun(db, id, runId));
}
