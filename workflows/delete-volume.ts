import { CancellationScope } from '@temporalio/workflow';
import type { DeleteVolumeRequest } from '../src/domain/create-request';
import { admitted } from './acceptance';
import { removeOwed } from './pools';
import { controlSteps } from './steps';
import { thisRun } from './this-run';

/**
 * Deletes a volume in any of the statuses that allow it; one that is being created is cancelled first.
 * Volume: → `deleting` → gone. Only goes forward once accepted: cancelling it changes nothing.
 */
export async function deleteVolume(request: DeleteVolumeRequest): Promise<void> {
  const { volumeId } = request;
  const { wasAtWork } = await admitted(() => controlSteps().beginDeletion({ ...request, runId: thisRun() }));
  await CancellationScope.nonCancellable(async () => {
    if (wasAtWork) await controlSteps().cancelWork({ volumeId });
    await controlSteps().oweRemoval({ volumeId, keepMs: 0, runId: thisRun() });
    const { sizeGib, placements } = await controlSteps().locateVolume({ volumeId });
    for (const placement of placements) await removeOwed({ volumeId, sizeGib }, placement);
    await controlSteps().finishDeletion({ volumeId });
  });
}
