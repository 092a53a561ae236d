import { sql } from 'kysely';
import { Refusal } from '../domain/errors';
import { judgeExtension } from '../domain/extension';
import type { ExtendVolumeRequest } from '../domain/extension';
import type { FactsInPlace } from '../domain/facts-in-place';
import { explainExtension } from '../domain/failure-reason';
import type { QuotaLimits } from '../domain/quota';
import type { Volume } from '../domain/volume';
import { isInTime } from './acceptance';
import type { CompletedExtension, FailedExtension } from './catalog';
import { databaseClock, requireStorable } from './database';
import type { Database } from './database';
import { nextEpoch } from './epoch';
import { writeFailureMessage } from './messages';
import { listPools, lockPools } from './pools';
import { lockQuota, quotaLimits, quotaUsage } from './quotas';
import { hasRun, isLastRun } from './runs';
import { moveVolume } from './status-moves';
import { findVolumeType } from './volume-types';
import { lockVolume, rereadVolume } from './volumes';
import { closeRequest, requireOpenRequest } from './withdrawn-requests';

export interface ExtensionRun {
  readonly runId: string;
  readonly reportMaxAgeMs: number;
  readonly quotaDefaults: QuotaLimits;
}

/** In a transaction. See `Catalog.acceptExtension`. Locks in the order that creates and placements do: quota, volume, pools. */
export async function acceptExtension(db: Database, request: ExtendVolumeRequest, run: ExtensionRun): Promise<Volume> {
  const { volumeId, projectId, requestId, newSizeGib, expiresAt } = request;
  requireStorable(request);
  await requireOpenRequest(db, { runId: run.runId, subjectId: volumeId });
  await lockQuota(db, projectId);
  const volume = await lockVolume(db, volumeId);
  if (volume?.projectId !== projectId || volume.status === 'deleted') {
    throw new Refusal('VolumeNotFound', `Volume ${volumeId} could not be found.`);
  }
  if (await hasRun(db, volumeId, run.runId)) return volume;
  await lockPools(db);
  judgeExtension(volume, newSizeGib, await loadFacts(db, volume, run));
  const changes = {
    run_ids: sql<string[]>`array_append(run_ids, ${run.runId})`,
    extend_gib: newSizeGib,
    extend_request_id: requestId,
    // An extension that an earlier run left behind has nothing to say any more.
    epoch: nextEpoch(volume.epoch, await databaseClock(db)),
  };
  await moveVolume(db, volumeId, { move: 'beginExtension', changes });
  // Last, so that nothing but the commit comes between this look at the clock and what the API may look for.
  if (!(await isInTime(db, expiresAt))) {
    throw new Refusal('RequestExpired', `The request to extend volume ${volumeId} has expired.`);
  }
  return rereadVolume(db, volumeId);
}

async function loadFacts(
  db: Database,
  volume: Volume,
  { reportMaxAgeMs, quotaDefaults }: ExtensionRun,
): Promise<FactsInPlace> {
  const type = await findVolumeType(db, volume.volumeTypeId);
  if (!type) throw new Error(`Volume type ${volume.volumeTypeId} of volume ${volume.id} does not exist`);
  return {
    type,
    limits: await quotaLimits(db, volume.projectId, quotaDefaults),
    usage: await quotaUsage(db, volume.projectId),
    pool: (await listPools(db)).find(({ name }) => name === volume.host) ?? null,
    now: await databaseClock(db),
    reportMaxAgeMs,
  };
}

/** In a transaction. See `Catalog.withdrawExtension`. */
export async function withdrawExtension(db: Database, failed: FailedExtension): Promise<void> {
  await closeRequest(db, { runId: failed.runId, subjectId: failed.volumeId });
  const volume = await lockExtended(db, failed);
  if (!volume) return;
  const changes = { extend_gib: null, extend_request_id: null };
  await moveVolume(db, volume.id, { move: 'withdrawExtension', changes });
}

/** In a transaction. See `Catalog.failExtension`. The message goes with the move, so that a repeated call adds none. */
export async function failExtension(db: Database, failed: FailedExtension): Promise<void> {
  const volume = await lockExtended(db, failed);
  if (!volume) return;
  await moveVolume(db, volume.id, { move: 'failExtension', changes: { epoch: volume.epoch + 1 } });
  const requestId = volume.extension?.requestId ?? volume.requestId;
  await writeFailureMessage(db, { ...volume, requestId }, explainExtension(failed.failure, volume));
}

/** In a transaction. See `Catalog.completeExtension`. */
export async function completeExtension(db: Database, completed: CompletedExtension): Promise<void> {
  const { volumeId, newSizeGib } = completed;
  const volume = await lockExtended(db, completed);
  if (volume) {
    await moveVolume(db, volumeId, { move: 'completeExtension', changes: { size_gib: newSizeGib } });
    return;
  }
  const now = await lockVolume(db, volumeId);
  if (now && now.sizeGib >= newSizeGib) return;
  throw new Refusal(
    'Conflict',
    `Volume ${volumeId} is not being extended by this run: its extension can't be completed.`,
  );
}

/** The volume, if this run is still the one that extends it. */
async function lockExtended(
  db: Database,
  { volumeId, runId }: { readonly volumeId: string; readonly runId: string },
): Promise<Volume | null> {
  const volume = await lockVolume(db, volumeId);
  return volume?.status === 'extending' && (await isLastRun(db, volumeId, runId)) ? volume : null;
}
