import { sql } from 'kysely';
import type { BackupLock } from '../domain/backup-lock';
import type { CreateVolumeRequest } from '../domain/create-request';
import { Refusal } from '../domain/errors';
import { judgeRetry, requireRetryable } from '../domain/retry';
import type { Volume } from '../domain/volume';
import { findBackup } from './backups';
import { currentTime, databaseClock } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import { countReaders } from './readers';
import { hasRun } from './runs';
import { moveVolume } from './status-moves';

export interface Run {
  readonly runId: string;
  readonly backupLock: BackupLock;
}

/**
 * In a transaction that has locked the volume: a run of its workflow finds it there. A run that was accepted before changes nothing,
 * so that a call that comes late can't bring back to `creating` what has failed since. A new one goes on where the last one ended:
 * with a volume that failed, or with one whose run was terminated.
 * @throws Refusal when it may not
 */
export async function goOn(
  db: Database,
  { volume, request }: { readonly volume: Volume; readonly request: CreateVolumeRequest },
  { runId, backupLock }: Run,
): Promise<void> {
  if (await hasRun(db, volume.id, runId)) return;
  if (request.backupId !== volume.backupId) {
    throw new Refusal('Conflict', `Volume ${volume.id} has already been created from something else.`);
  }
  requireRetryable(volume);
  const epoch = nextEpoch(volume.epoch, await databaseClock(db));
  const changes = {
    run_ids: sql<string[]>`array_append(run_ids, ${runId})`,
    ...(request.isResumed ? {} : { epoch, begun_epoch: epoch }),
  };
  if (volume.status !== 'creating') {
    judgeRetry(volume, await loadFacts(db, volume, backupLock));
    await moveVolume(db, volume.id, { move: 'retry', changes });
  } else {
    await db
      .updateTable('volumes')
      .set({ ...changes, updated_at: currentTime })
      .where('id', '=', volume.id)
      .execute();
  }
}

async function loadFacts(db: Database, { projectId, backupId }: Volume, backupLock: BackupLock) {
  return {
    backupLock,
    backup: backupId === null ? null : await findBackup(db, backupId, { projectId }),
    backupReaders: backupId === null ? 0 : await countReaders(db, backupId),
  };
}
