import { ApplicationFailure } from '@temporalio/workflow';
import type { RestorePolicy } from '../activities/accept-request';
import type { Placement } from '../activities/schedule-volume';
import { createFailureOf, nobodyCame, triedInVain } from './failures';
import { controlSteps, longestRoundMs } from './steps';

export interface Attended {
  readonly volumeId: string;
  readonly placement: Placement;
  readonly policy: RestorePolicy;
}

/**
 * Runs a step that moves data, again and again, as long as there is hope. An attempt watches its own progress, and gives up itself
 * (activities/writing-attempt.ts); here is seen to what no attempt can notice:
 * - nobody takes it from its queue. It goes on waiting as long as somebody serves that: many copies may stand before this one;
 * - no attempt gets so far as to begin, say because the worker can't reach the catalog. It is given up after `giveUpAfterMs`; pauses don't count.
 */
export async function attended<Result>(
  { volumeId, placement, policy }: Attended,
  step: () => Promise<Result>,
): Promise<Result> {
  let stalledMs = 0;
  for (;;) {
    const begunAt = Date.now();
    try {
      return await step();
    } catch (failure) {
      if (nobodyCame(failure)) {
        const { served } = await controlSteps().checkPool({ poolName: placement.poolName });
        if (!served) throw failure;
      } else {
        if (!triedInVain(failure)) throw failure;
        const tookMs = Date.now() - begunAt;
        const { seenMsAgo } = await controlSteps().checkCopy({ volumeId });
        const hasBegun = seenMsAgo !== null && seenMsAgo < tookMs;
        stalledMs = hasBegun ? 0 : stalledMs + Math.min(tookMs, longestRoundMs(policy));
        if (stalledMs >= policy.giveUpAfterMs) throw hopeless(placement, failure);
      }
    }
  }
}

function hopeless({ poolName }: Placement, failure: unknown): ApplicationFailure {
  const lastError = createFailureOf(failure).message.replace(/\.$/, '');
  return ApplicationFailure.create({
    type: 'NoProgress',
    nonRetryable: true,
    message:
      `The copy could not even begin. The last error: ${lastError}. Check that the worker of pool ${poolName} reaches the catalog, ` +
      'then retry it (action rekindle-retry).',
    cause: failure instanceof Error ? failure : undefined,
  });
}
