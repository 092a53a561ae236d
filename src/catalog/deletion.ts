import { Refusal } from '../domain/errors';
import type { Volume, VolumeStatus } from '../domain/volume';
import { currentTime } from './database';
import type { Database } from './database';
import { releaseBackupsOf } from './readers';
import { moveVolume } from './status-moves';
import { lockVolume, rereadVolume } from './volumes';

export interface BegunDeletion {
  readonly volume: Volume;
  readonly wasAtWork: boolean;
}

/** What a volume is while a run is at work on it, which has to be cancelled first. */
const AT_WORK: readonly VolumeStatus[] = ['creating', 'restoring-backup', 'extending'];

/** In a transaction. See `Catalog.beginDeletion`. */
export async function beginDeletion(db: Database, volumeId: string, force: boolean): Promise<BegunDeletion> {
  const before = await lockVolume(db, volumeId);
  if (!before || before.status === 'deleted') {
    throw new Refusal('VolumeNotFound', `Volume ${volumeId} could not be found.`);
  }
  const changes = { deleted_while_creating: AT_WORK.includes(before.status) };
  const isAttached = before.attachment !== null;
  const move = force ? 'beginForcedDeletion' : 'beginDeletion';
  const moved = !isAttached && (await moveVolume(db, volumeId, { move, changes }));
  if (!moved && before.status !== 'deleting') throw notDeletable(force);
  const volume = await rereadVolume(db, volumeId);
  return { volume, wasAtWork: await beganAtWork(db, volumeId) };
}

async function beganAtWork(db: Database, volumeId: string): Promise<boolean> {
  const { deleted_while_creating: wasAtWork } = await db
    .selectFrom('volumes')
    .select('deleted_while_creating')
    .where('id', '=', volumeId)
    .executeTakeFirstOrThrow();
  return wasAtWork;
}

/** H-57. */
function notDeletable(force: boolean): Refusal {
  const statuses = 'status must be available or error or error_restoring or error_extending or error_managing and ';
  return new Refusal(
    'InvalidVolume',
    `Invalid volume: Volume ${force ? '' : statuses}` +
      'must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, ' +
      'or be disassociated from snapshots after volume transfer.',
  );
}

/** In a transaction. See `Catalog.finishDeletion`. */
export async function finishDeletion(db: Database, volumeId: string): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (!volume || volume.status === 'deleted') return;
  await releaseBackupsOf(db, volumeId);
  const moved = await moveVolume(db, volumeId, {
    move: 'finishDeletion',
    changes: { host: null, checkpoint: null, deleted_at: currentTime },
  });
  if (!moved) throw new Refusal('Conflict', `Volume ${volumeId} is not being deleted.`);
}
