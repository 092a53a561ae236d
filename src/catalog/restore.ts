import { sql } from 'kysely';
import type { BackupLock } from '../domain/backup-lock';
import { Refusal } from '../domain/errors';
import { explainRestore } from '../domain/failure-reason';
import { requireRestorable, requireTarget } from '../domain/restore';
import type { RestoreVolumeRequest } from '../domain/restore';
import type { Volume } from '../domain/volume';
import { isInTime } from './acceptance';
import { backupNotFound, findBackup } from './backups';
import type { FailedRestore } from './catalog';
import { databaseClock, requireStorable } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import { writeFailureMessage } from './messages';
import { becomeReader, lockBackupRow, readersOf, releaseBackupsOf } from './readers';
import { hasRun, isLastRun } from './runs';
import { moveVolume } from './status-moves';
import type { VolumeChanges } from './status-moves';
import { lockVolume, rereadVolume } from './volumes';
import { closeRequest, requireOpenRequest } from './withdrawn-requests';
import { NO_WRITER } from './writing';

export interface RestoreRun {
  readonly runId: string;
  readonly backupLock: BackupLock;
}

/** In a transaction. See `Catalog.acceptRestore`. */
export async function acceptRestore(
  db: Database,
  request: RestoreVolumeRequest,
  { runId, backupLock }: RestoreRun,
): Promise<Volume> {
  const { volumeId, backupId, expiresAt } = request;
  requireStorable(request);
  await requireOpenRequest(db, { runId, subjectId: volumeId });
  const volume = await lockVolume(db, volumeId);
  if (volume && (await hasRun(db, volumeId, runId))) return volume;
  await judge(db, { request, volume, backupLock });
  if (volume) {
    const epoch = nextEpoch(volume.epoch, await databaseClock(db));
    await moveVolume(db, volumeId, { move: 'beginRestore', changes: changesOf(volume, request, { runId, epoch }) });
  }
  await becomeReader(db, backupId, volumeId);
  // Last, so that nothing but the commit comes between this look at the clock and what the API may look for.
  if (!(await isInTime(db, expiresAt))) {
    throw new Refusal('RequestExpired', `The request to restore backup ${backupId} has expired.`);
  }
  return rereadVolume(db, volumeId);
}

interface Judged {
  readonly request: RestoreVolumeRequest;
  readonly volume: Volume | null;
  readonly backupLock: BackupLock;
}

async function judge(db: Database, { request, volume, backupLock }: Judged): Promise<void> {
  const { volumeId, backupId, projectId } = request;
  await lockBackupRow(db, backupId);
  const backup = await findBackup(db, backupId, 'all-projects');
  if (!backup) throw backupNotFound(backupId);
  const readers = await readersOf(db, backupId);
  // Of a run that was terminated: the volume is its reader still.
  if (!readers.includes(volumeId)) requireRestorable(backup, { backupLock, backupReaders: readers.length });
  if (volume?.projectId !== projectId || volume.status === 'deleted') {
    throw new Refusal('VolumeNotFound', `Volume ${volumeId} could not be found.`);
  }
  requireTarget(volume, backup);
}

function changesOf(
  volume: Volume,
  { backupId, requestId, isResumed = false }: RestoreVolumeRequest,
  { runId, epoch }: { readonly runId: string; readonly epoch: number },
): VolumeChanges {
  const goesOn = volume.status !== 'available' && volume.restore?.backupId === backupId;
  return {
    run_ids: sql<string[]>`array_append(run_ids, ${runId})`,
    restore_backup_id: backupId,
    restore_request_id: requestId,
    // Whoever wrote it before has nothing to say any more, not even that he is done.
    epoch,
    volume_meta: null,
    ...NO_WRITER,
    ...(isResumed ? {} : { begun_epoch: epoch }),
    ...(goesOn ? {} : { checkpoint: null, bytes_per_second: null }),
  };
}

/** In a transaction. See `Catalog.withdrawRestore`. */
export async function withdrawRestore(db: Database, failed: FailedRestore): Promise<void> {
  await closeRequest(db, { runId: failed.runId, subjectId: failed.volumeId });
  const volume = await lockRestored(db, failed);
  if (!volume) return;
  if (!volume.isProven) return fail(db, volume, failed);
  await releaseBackupsOf(db, volume.id);
  const changes = { restore_backup_id: null, restore_request_id: null };
  await moveVolume(db, volume.id, { move: 'withdrawRestore', changes });
}

/** In a transaction. See `Catalog.failRestore`. */
export async function failRestore(db: Database, failed: FailedRestore): Promise<void> {
  const volume = await lockRestored(db, failed);
  if (volume) await fail(db, volume, failed);
}

async function fail(db: Database, volume: Volume, { failure }: FailedRestore): Promise<void> {
  await releaseBackupsOf(db, volume.id);
  const changes = { epoch: volume.epoch + 1, ...NO_WRITER };
  await moveVolume(db, volume.id, { move: 'failRestore', changes });
  const requestId = volume.restore?.requestId ?? volume.requestId;
  await writeFailureMessage(db, { ...volume, requestId }, explainRestore(failure, { isWhole: volume.isProven }));
}

/** The volume, if this run is still the one that restores into it. */
async function lockRestored(db: Database, { volumeId, runId }: FailedRestore): Promise<Volume | null> {
  const volume = await lockVolume(db, volumeId);
  return volume?.status === 'restoring-backup' && (await isLastRun(db, volumeId, runId)) ? volume : null;
}
