import { CancellationScope } from '@temporalio/workflow';
import type { CreateVolumeFromBackupRequest } from '../src/domain/create-request';
import type { MeasuredCopy } from '../src/domain/measured-copy';
import type { AcceptedRequest } from '../activities/accept-request';
import type { WrittenVolume } from '../activities/restore-backup';
import { admitted } from './acceptance';
import { attended } from './attended';
import { obeyBandwidthLimits } from './bandwidth';
import { creation } from './creation';
import { createFailureOf } from './failures';
import { show } from './on-display';
import type { PoolAttempt } from './pools';
import { controlSteps, copySteps, poolSteps } from './steps';
import { thisRun } from './this-run';

/** What an operator finds as the run's result. */
export interface CreatedVolume extends WrittenVolume {
  readonly poolName: string;
  /** `native`: the driver's own way; `copy`: a raw volume and a restore. */
  readonly mode: 'native' | 'copy';
}

/**
 * Create volume from backup: the specification of Queens, step by step.
 * Volume: `creating` → `available` or `error`. Backup: `available` → `restoring` → `available`.
 * A new run under the same id goes on with a volume that ended in `error`.
 */
export async function createVolumeFromBackup(request: CreateVolumeFromBackupRequest): Promise<CreatedVolume> {
  const { volumeId, backupId, expiresAt } = request;

  const accepted = await admitted(async (undo) => {
    undo('withdraw the request', (failure) =>
      controlSteps().withdrawRequest({ volumeId, expiresAt, failure: createFailureOf(failure), runId: thisRun() }),
    );
    const volume = await controlSteps().acceptRequest({ ...request, runId: thisRun() });
    undo('release the backup', () => controlSteps().releaseBackup({ backupId, volumeId, runId: thisRun() }));
    await controlSteps().lockBackup({ backupId, volumeId });
    return volume;
  });

  obeyBandwidthLimits(volumeId);
  return creation(accepted, async (pools, undo) => {
    undo('release the backup', () => controlSteps().releaseBackup({ backupId, volumeId, runId: thisRun() }));
    const created = await pools.onSomePool((attempt) => fill(accepted, attempt, request));
    const { epoch, mode } = created;
    show('completing', { details: 'the data is verified', mode });
    // From here on it only goes forward: a cancellation that arrives now comes too late.
    await CancellationScope.nonCancellable(() =>
      controlSteps().completeVolume({ volumeId, written: { epoch, backupId, measured: measuredOf(created) } }),
    );
    return created;
  });
}

/** What it took, if it was data. */
function measuredOf({ poolName, mode, codec, readBack, ...created }: CreatedVolume): MeasuredCopy | undefined {
  if (!codec) return undefined;
  const { copiedBytes, moveMs, verifyMs } = created;
  return { poolName, mode, codec, readBack, copiedBytes, elapsedMs: moveMs + verifyMs };
}

/** The driver's own way where it has one; otherwise a raw volume, and the bytes. */
async function fill(
  accepted: AcceptedRequest,
  pool: PoolAttempt,
  { backupId, readBack }: CreateVolumeFromBackupRequest,
): Promise<CreatedVolume> {
  const { volumeId, sizeGib, policy } = accepted;
  const { placement, dataFlows } = pool;
  const { poolName } = placement;
  const copy = { volumeId, placement, policy };
  const onPool = { volumeId, backupId, readBack, sizeGib, poolName, runId: thisRun() };

  show('creating', { details: `asking the driver of ${poolName} for its own way`, poolName });
  const native = await attended(copy, () => copySteps(placement, policy).createFromBackup(onPool));
  if (native.kind === 'created') return { ...native.written, poolName, mode: 'native' };

  await poolSteps(placement, policy).createRawVolume(onPool);
  dataFlows();
  show('copying', { details: `restoring into ${poolName}; the driver's own way: ${native.reason}`, mode: 'copy' });
  const written = await attended(copy, () => copySteps(placement, policy).restoreBackup(onPool));
  return { ...written, poolName, mode: 'copy' };
}
