import { sql } from 'kysely';
import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import type { CompletedVolume, FailedVolume } from './catalog';
import type { Database } from './database';
import { writeFailureMessage } from './messages';
import { releaseBackupsOf } from './readers';
import { moveVolume } from './status-moves';
import { lockVolume, rereadVolume } from './volumes';
import { fenced } from './writing';

/** In a transaction. See `Catalog.completeVolume`. */
export async function completeVolume(db: Database, completed: CompletedVolume): Promise<Volume> {
  const { volumeId, epoch } = completed;
  const volume = await lockVolume(db, volumeId);
  if (volume && epoch !== null && volume.epoch !== epoch) throw fenced(volumeId, epoch);
  if (volume?.status === 'available') return volume;
  const added = JSON.stringify(completed.metadata);
  // S-60, W-15: on the right, what the user gave, so that it wins.
  const changes = { metadata: sql<string>`${added}::jsonb || metadata` };
  const moved = await moveVolume(db, volumeId, { move: 'complete', changes });
  if (!moved) throw new Refusal('Conflict', `Volume ${volumeId} is not being created: it can't be completed.`);
  await releaseBackupsOf(db, volumeId);
  return rereadVolume(db, volumeId);
}

/** In a transaction. See `Catalog.failVolume`. The message goes with the move, so that a repeated call adds none. */
export async function failVolume(db: Database, { volumeId, reason }: FailedVolume): Promise<void> {
  const volume = await lockVolume(db, volumeId);
  if (!volume) return;
  await releaseBackupsOf(db, volumeId);
  // A later retry starts with a new epoch and a clock of its own.
  const changes = { epoch: volume.epoch + 1, stalled_ms: 0, writer_seen_at: null };
  const moved = await moveVolume(db, volumeId, { move: 'fail', changes });
  if (moved) await writeFailureMessage(db, volume, reason);
}
