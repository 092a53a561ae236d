import { CancellationScope } from '@temporalio/workflow';
import type { CreateVolumeRequest } from '../src/domain/create-request';
import { admitted } from './acceptance';
import { creation } from './creation';
import { createFailureOf } from './failures';
import { show } from './on-display';
import { controlSteps, poolSteps } from './steps';
import { thisRun } from './this-run';

/** Create an empty volume: `creating` → `available` or `error`. */
export async function createVolume(request: CreateVolumeRequest): Promise<void> {
  const { volumeId, expiresAt } = request;

  const accepted = await admitted(async (undo) => {
    undo('withdraw the request', (failure) =>
      controlSteps().withdrawRequest({ volumeId, expiresAt, failure: createFailureOf(failure), runId: thisRun() }),
    );
    return controlSteps().acceptRequest({ ...request, runId: thisRun() });
  });

  await creation(accepted, async (pools) => {
    await pools.onSomePool(async ({ placement }) => {
      const { poolName } = placement;
      show('creating', { details: `making an empty volume on ${poolName}`, poolName });
      await poolSteps(placement, accepted.policy).createRawVolume({ ...accepted, poolName });
    });
    await CancellationScope.nonCancellable(() => controlSteps().completeVolume({ volumeId, written: null }));
  });
}
