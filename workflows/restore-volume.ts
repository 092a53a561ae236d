import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { RestoreVolumeRequest } from '../src/domain/restore';
import type { AcceptedRestore } from '../activities/accept-restore';
import type { WrittenVolume } from '../activities/restore-backup';
import { admitted } from './acceptance';
import { attended } from './attended';
import { obeyBandwidthLimits } from './bandwidth';
import { createFailureOf } from './failures';
import { show } from './on-display';
import { reported } from './reported';
import { saga } from './saga';
import { controlSteps, copySteps } from './steps';
import { thisRun } from './this-run';

/**
 * Restores a backup into a volume that is there: Cinder's `POST /backups/{id}/restore`. Volume: `available` → `restoring-backup` →
 * `available` or `error_restoring`; backup: `available` → `restoring` → `available`. What the volume holds is never removed.
 * A new run under the same id goes on where the last one failed.
 */
export async function restoreVolume(request: RestoreVolumeRequest): Promise<WrittenVolume> {
  const { volumeId } = request;

  const accepted = await admitted(async (undo) => {
    undo('withdraw the restore', (failure) =>
      controlSteps().withdrawRestore({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
    );
    return controlSteps().acceptRestore({ ...request, runId: thisRun() });
  });

  obeyBandwidthLimits(volumeId);
  try {
    return await reported(() => overwrite(request, accepted));
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

function overwrite({ volumeId, backupId }: RestoreVolumeRequest, accepted: AcceptedRestore): Promise<WrittenVolume> {
  const { sizeGib, readBack, placement, policy } = accepted;
  const { poolName } = placement;
  return saga(async (undo) => {
    undo('mark the restore as failed', (failure) =>
      controlSteps().failRestore({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
    );
    show('copying', { details: `restoring into ${poolName}`, poolName, mode: 'copy' });
    const onPool = { volumeId, backupId, readBack, sizeGib, poolName, overwrites: true, runId: thisRun() };
    const written = await attended({ volumeId, placement, policy }, () =>
      copySteps(placement, policy).restoreBackup(onPool),
    );
    show('completing', { details: 'the data is verified' });
    // From here on it only goes forward: a cancellation that arrives now comes too late.
    await CancellationScope.nonCancellable(() =>
      controlSteps().completeVolume({ volumeId, written: { epoch: written.epoch, backupId } }),
    );
    return written;
  });
}
