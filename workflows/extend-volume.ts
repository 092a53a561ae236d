import { CancellationScope } from '@temporalio/workflow';
import type { ExtendVolumeRequest } from '../src/domain/extension';
import type { AcceptedExtension } from '../activities/accept-extension';
import { admitted } from './acceptance';
import { createFailureOf } from './failures';
import { show } from './on-display';
import { reported } from './reported';
import { saga } from './saga';
import { controlSteps, poolSteps } from './steps';
import { thisRun } from './this-run';

/**
 * Makes a volume larger: Cinder's `os-extend`. Volume: `available` → `extending` → `available` with its new size, or `error_extending`
 * with its old one. What the volume holds is never touched.
 */
export async function extendVolume(request: ExtendVolumeRequest): Promise<void> {
  const { volumeId } = request;

  const accepted = await admitted(async (undo) => {
    undo('withdraw the extension', (failure) =>
      controlSteps().withdrawExtension({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
    );
    return controlSteps().acceptExtension({ ...request, runId: thisRun() });
  });

  await reported(() => extension(request, accepted));
}

function extension({ volumeId, newSizeGib }: ExtendVolumeRequest, accepted: AcceptedExtension): Promise<void> {
  const { sizeGib, epoch, placement, policy } = accepted;
  const { poolName } = placement;
  return saga(async (undo) => {
    undo('mark the extension as failed', (failure) =>
      controlSteps().failExtension({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
    );
    show('extending', { details: `from ${sizeGib} to ${newSizeGib} GiB on ${poolName}`, poolName });
    await poolSteps(placement, policy).extendRawVolume({ volumeId, sizeGib, newSizeGib, poolName, epoch });
    // The pool's volume is larger: from here on it only goes forward.
    await CancellationScope.nonCancellable(() =>
      controlSteps().completeExtension({ volumeId, newSizeGib, runId: thisRun() }),
    );
  });
}
