import type { UpdateObject } from 'kysely';
import { Refusal } from '../domain/errors';
import type { Checkpoint } from '../domain/checkpoint';
import type { VolumeMeta } from '../domain/volume-metadata';
import type { VolumeStatus } from '../domain/volume';
import type { CopyAttempt, NewAttempt, PlacedVolume, WriterOnPool } from './catalog';
import { currentTime, databaseClock } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import type { Schema } from './schema';
import { stalledAtStart, unsavedAtStart } from './stall-clock';
import type { StallClock } from './stall-clock';
import { lockVolume } from './volumes';

/** What a volume is while a backup's data is moved onto it. */
const WRITTEN: readonly VolumeStatus[] = ['creating', 'restoring-backup'];

/** In a transaction. See `Catalog.beginWriting`. */
export async function beginWriting(
  db: Database,
  volumeId: string,
  { maxGapMs, mostUnsavedMs = 0, scheduledMs = null }: NewAttempt,
): Promise<CopyAttempt> {
  const writer = await lockWriter(db, volumeId);
  if (!writer || !WRITTEN.includes(writer.status)) {
    throw new Refusal('Conflict', `Volume ${volumeId} is not being created nor restored to: it may not be written.`);
  }
  // No refusal, which would be final: where clocks have been set back, a later attempt may pass.
  if (scheduledMs !== null && writer.scheduledMs !== null && scheduledMs < writer.scheduledMs) {
    throw new Error(`A later attempt to write volume ${volumeId} has begun already: this one is too late.`);
  }
  const now = await databaseClock(db);
  const clock = { epoch: nextEpoch(writer.epoch, now), stalledMs: stalledAtStart(writer, now, maxGapMs), seenAt: now };
  const unsavedMs = unsavedAtStart(writer, mostUnsavedMs);
  await writeClock(db, volumeId, clock, {
    writer_scheduled_ms: scheduledMs,
    writer_begun_at: now,
    unsaved_ms: unsavedMs,
  });
  const { epoch, stalledMs } = clock;
  const { begunEpoch, checkpoint, bytesPerSecond } = writer;
  return { epoch, begunEpoch, stalledMs, unsavedMs, checkpoint, bytesPerSecond: numberOf(bytesPerSecond) };
}

/** What a volume is while somebody may touch it on its pool. */
const TOUCHED: readonly VolumeStatus[] = [...WRITTEN, 'extending'];

/** In a transaction. See `Catalog.beginMaking`. */
export async function beginMaking(db: Database, { volumeId, poolName }: PlacedVolume): Promise<number> {
  const volume = await lockVolume(db, volumeId);
  if (volume?.status !== 'creating' || volume.host !== poolName) {
    throw new Refusal('Conflict', `Volume ${volumeId} is not being created on ${poolName}: it may not be made there.`);
  }
  const epoch = nextEpoch(volume.epoch, await databaseClock(db));
  await db.updateTable('volumes').set({ epoch }).where('id', '=', volumeId).execute();
  return epoch;
}

/** See `Catalog.requireWriter`. */
export async function requireWriter(db: Database, { volumeId, poolName, epoch }: WriterOnPool): Promise<void> {
  const row = await db
    .selectFrom('volumes')
    .select('id')
    .where('id', '=', volumeId)
    .where('host', '=', poolName)
    .where('epoch', '=', epoch)
    .where('status', 'in', TOUCHED)
    .executeTakeFirst();
  if (!row) throw fenced(volumeId, epoch);
}

export interface SignOfLife {
  readonly volumeId: string;
  readonly epoch: number;
  readonly stalledMs: number;
}

/** In a transaction. See `Catalog.noteWriting`. */
export async function noteWriting(
  db: Database,
  { volumeId, epoch, stalledMs }: SignOfLife,
): Promise<Pick<CopyAttempt, 'bytesPerSecond'>> {
  const writer = await lockWriter(db, volumeId);
  if (writer?.epoch !== epoch) throw fenced(volumeId, epoch);
  await writeClock(db, volumeId, { epoch, stalledMs, seenAt: await databaseClock(db) });
  return { bytesPerSecond: numberOf(writer.bytesPerSecond) };
}

/** See `Catalog.writerSeenMsAgo`. */
export async function writerSeenMsAgo(db: Database, volumeId: string): Promise<number | null> {
  const writer = await db
    .selectFrom('volumes')
    .select('writer_seen_at as seenAt')
    .where('id', '=', volumeId)
    .executeTakeFirst();
  if (!writer?.seenAt) return null;
  return (await databaseClock(db)).getTime() - writer.seenAt.getTime();
}

export interface CheckpointOfVolume {
  readonly volumeId: string;
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
}

/** See `Catalog.saveCheckpoint`. */
export async function saveCheckpoint(db: Database, { volumeId, epoch, checkpoint }: CheckpointOfVolume): Promise<void> {
  const result = await db
    .updateTable('volumes')
    .set({ checkpoint: JSON.stringify(checkpoint), unsaved_ms: 0, writer_begun_at: currentTime })
    .where('id', '=', volumeId)
    .where('epoch', '=', epoch)
    .where('status', 'in', WRITTEN)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw fenced(volumeId, epoch);
}

/** See `Catalog.limitBandwidth`. */
export async function limitBandwidth(db: Database, volumeId: string, bytesPerSecond: number | null): Promise<void> {
  await db
    .updateTable('volumes')
    .set({ bytes_per_second: bytesPerSecond })
    .where('id', '=', volumeId)
    .where('status', 'in', WRITTEN)
    .execute();
}

export interface BackupMetadataNote {
  readonly volumeId: string;
  readonly epoch: number;
  readonly volumeMeta: VolumeMeta | null;
}

/** See `Catalog.noteBackupMetadata`. */
export async function noteBackupMetadata(db: Database, note: BackupMetadataNote): Promise<void> {
  const { volumeId, epoch, volumeMeta } = note;
  const result = await db
    .updateTable('volumes')
    // From here on its data is what is being written.
    .set({ volume_meta: volumeMeta && JSON.stringify(volumeMeta), proven_at: null })
    .where('id', '=', volumeId)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) throw fenced(volumeId, epoch);
}

export function fenced(volumeId: string, epoch: number): Refusal {
  return new Refusal('Fenced', `Writer ${epoch} of volume ${volumeId} has been replaced.`);
}

async function lockWriter(db: Database, volumeId: string) {
  return db
    .selectFrom('volumes')
    .select(['status', 'epoch', 'begun_epoch as begunEpoch', 'stalled_ms as stalledMs', 'writer_seen_at as seenAt'])
    .select(['checkpoint', 'bytes_per_second as bytesPerSecond', 'writer_scheduled_ms as scheduledMs'])
    .select(['writer_begun_at as begunAt', 'unsaved_ms as unsavedMs'])
    .where('id', '=', volumeId)
    .forUpdate()
    .executeTakeFirst();
}

async function writeClock(
  db: Database,
  volumeId: string,
  { epoch, stalledMs, seenAt }: StallClock & { epoch: number },
  changes: UpdateObject<Schema, 'volumes'> = {},
): Promise<void> {
  await db
    .updateTable('volumes')
    .set({ ...changes, epoch, stalled_ms: stalledMs, writer_seen_at: seenAt })
    .where('id', '=', volumeId)
    .execute();
}

/** A later attempt begins with clocks of its own; `checkpoint` says where. */
export const NO_WRITER = { stalled_ms: 0, writer_seen_at: null, writer_begun_at: null, unsaved_ms: 0 } as const;

/** PostgreSQL's bigint comes as text. */
function numberOf(bigint: string | null): number | null {
  return bigint === null ? null : Number(bigint);
}
