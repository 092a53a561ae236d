import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { AcceptedRequest } from '../activities/accept-request';
import { createFailureOf } from './failures';
import { poolsFor } from './pools';
import type { Pools } from './pools';
import { reported } from './reported';
import { saga } from './saga';
import type { Undo } from './saga';
import { controlSteps } from './steps';
import { thisRun } from './this-run';

/**
 * What follows the acceptance, whatever the volume is made from: a failure or cancellation ends in `error` with a message for the
 * user, what stays on the pools is owed, and an operator reads state and reason.
 */
export async function creation<Result>(
  { volumeId, ...accepted }: AcceptedRequest,
  work: (pools: Pools, undo: Undo) => Promise<Result>,
): Promise<Result> {
  const pools = poolsFor({ volumeId, ...accepted });
  try {
    return await reported(() =>
      saga(async (undo) => {
        undo('mark the volume as failed', (failure) =>
          controlSteps().failVolume({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
        );
        return work(pools, undo);
      }),
    );
  } finally {
    await pools.removeLeftovers();
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}
