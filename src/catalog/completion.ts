import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import { mergeMetadata, mergeRestored } from '../domain/volume-metadata';
import type { CompletedVolume, FailedVolume } from './catalog';
import { currentTime } from './database';
import type { Database } from './database';
import { noteCopy } from './measured-copies';
import { writeFailureMessage } from './messages';
import { releaseBackupsOf } from './readers';
import { isLastRun } from './runs';
import { moveVolume } from './status-moves';
import type { VolumeChanges } from './status-moves';
import { lockVolume, rereadVolume } from './volumes';
import { fenced, NO_WRITER } from './writing';

/** In a transaction. See `Catalog.completeVolume`. */
export async function completeVolume(db: Database, { volumeId, written }: CompletedVolume): Promise<Volume> {
  const volume = await lockVolume(db, volumeId);
  if (volume && written && volume.epoch !== written.epoch) throw fenced(volumeId, written.epoch);
  // Who missed the answer asks again, when the volume may be attached by now; an empty one may be restored to or extended.
  const isRestored = volume?.status === 'restoring-backup';
  if (volume && (isRestored ? !written : volume.isProven)) return volume;
  const metadata = volume && written ? await metadataFrom(db, written.backupId, volume) : {};
  const changes = { ...metadata, proven_at: currentTime };
  const moved = await moveVolume(db, volumeId, { move: isRestored ? 'completeRestore' : 'complete', changes });
  if (!moved)
    throw new Refusal(
      'Conflict',
      `Volume ${volumeId} is neither being created nor restored to: it can't be completed.`,
    );
  if (written?.measured) await noteCopy(db, written.measured);
  await releaseBackupsOf(db, volumeId);
  return rereadVolume(db, volumeId);
}

/** The row is locked, so what it holds is what the user gave last. The backup's word is used up with this. */
async function metadataFrom(db: Database, backupId: string, volume: Volume): Promise<VolumeChanges> {
  const { volumeMeta } = await db
    .selectFrom('volumes')
    .select('volume_meta as volumeMeta')
    .where('id', '=', volume.id)
    .executeTakeFirstOrThrow();
  const merge = volume.status === 'restoring-backup' ? mergeRestored : mergeMetadata;
  const { name, description, bootable, ...merged } = merge(volume, { backupId, volumeMeta });
  return {
    name,
    description,
    bootable,
    metadata: JSON.stringify(merged.metadata),
    image_metadata: JSON.stringify(merged.imageMetadata),
    volume_meta: null,
    checkpoint: null,
  };
}

/** In a transaction. See `Catalog.failVolume`. The message goes with the move, so that a repeated call adds none. */
export async function failVolume(db: Database, { volumeId, reason, runId }: FailedVolume): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (!volume || (volume.status === 'creating' && !(await isLastRun(db, volumeId, runId)))) return;
  await releaseBackupsOf(db, volumeId);
  // A later retry starts with a new epoch and a clock of its own, but where the copy came to.
  const changes = { epoch: volume.epoch + 1, ...NO_WRITER };
  const moved = await moveVolume(db, volumeId, { move: 'fail', changes });
  if (moved) await writeFailureMessage(db, volume, reason);
}
