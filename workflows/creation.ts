import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { AcceptedRequest } from '../activities/accept-request';
import { closingFailure, createFailureOf } from './failures';
import { show } from './on-display';
import { poolsFor } from './pools';
import type { Pools } from './pools';
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
    const result = await saga(async (undo) => {
      undo('mark the volume as failed', (failure) =>
        controlSteps().failVolume({ volumeId, failure: createFailureOf(failure), runId: thisRun() }),
      );
      return work(pools, undo);
    });
    show('available', { details: 'the volume is complete' });
    return result;
  } catch (failure) {
    const closing = closingFailure(failure);
    const { code, message } = createFailureOf(closing);
    show('error', { details: `${code}: ${message}`, needsOperator: isCompensationFailure(closing) });
    throw closing;
  } finally {
    await pools.removeLeftovers();
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

function isCompensationFailure(failure: unknown): boolean {
  return failure instanceof Error && 'type' in failure && failure.type === 'CompensationFailed';
}
