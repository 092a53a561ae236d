import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { ControlSteps, CopySteps, PlanSteps, PoolSteps, RepositorySteps } from '../activities/index';
import type { RestorePolicy } from '../activities/accept-request';
import type { Placement } from '../activities/schedule-volume';

// Left unset, the SDK encodes TRY_CANCEL, and a compensation would start while the step still writes.
const AWAIT_CANCELLED: Pick<ActivityOptions, 'cancellationType'> = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

const SOON: RetryPolicy = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' };

/** Steps that touch the catalog only. They are quick; what isn't over in 5 s is repeated. */
export function controlSteps(giveUpAfterMs?: number) {
  return proxyActivities<ControlSteps>({
    ...AWAIT_CANCELLED,
    startToCloseTimeout: '5s',
    scheduleToCloseTimeout: giveUpAfterMs,
    retry: SOON,
  });
}

/**
 * A step on a pool tells that it is alive (activities/signs-of-life.ts): the death of its worker is noticed after so long, and not when
 * its time is up.
 */
const ALIVE: Pick<ActivityOptions, 'cancellationType' | 'heartbeatTimeout'> = {
  ...AWAIT_CANCELLED,
  heartbeatTimeout: '4s',
};

/** Short calls to a pool's driver, on the queue of the workers that reach it. */
export function poolSteps(placement: Placement, policy: RestorePolicy) {
  return proxyActivities<PoolSteps>({
    ...ALIVE,
    taskQueue: placement.poolQueue,
    startToCloseTimeout: placement.callTimeoutMs,
    scheduleToStartTimeout: policy.giveUpAfterMs,
    scheduleToCloseTimeout: policy.giveUpAfterMs,
    retry: SOON,
  });
}

/** After so many attempts in a row it is looked whether any got to its work (workflows/attended.ts). */
const ATTEMPTS_A_ROUND = 10;

/** The longest that a round can take whose attempts all fail at once, or are never heard of: what is beyond it was a pause. */
export function longestRoundMs({ heartbeatTimeoutMs, retryAfterMs }: RestorePolicy): number {
  return ATTEMPTS_A_ROUND * (heartbeatTimeoutMs + LONGEST_BACKOFF * retryAfterMs);
}

/**
 * Steps that move data: long, heartbeating. Not bounded by a total time (a copy may wait its turn, or be paused), and by attempts (a deploy
 * spends one) only so that somebody looks: the step itself gives up when it makes no progress.
 */
export function copySteps(placement: Placement, policy: RestorePolicy) {
  return proxyActivities<CopySteps>({
    ...AWAIT_CANCELLED,
    taskQueue: placement.copyQueue,
    startToCloseTimeout: '7d',
    scheduleToStartTimeout: policy.giveUpAfterMs,
    heartbeatTimeout: policy.heartbeatTimeoutMs,
    retry: { ...backoff(policy), maximumAttempts: ATTEMPTS_A_ROUND },
  });
}

/** Each death of a worker is an attempt: a copy that has seen many still goes on soon. activities/writing-attempt.ts knows it too. */
const LONGEST_BACKOFF = 5;

function backoff({ retryAfterMs }: RestorePolicy): RetryPolicy {
  return { initialInterval: retryAfterMs, backoffCoefficient: 2, maximumInterval: LONGEST_BACKOFF * retryAfterMs };
}

/** Work in a repository of backups. Given up after some attempts: its end is awaited by somebody who may ask again. */
export function repositorySteps(repositoryQueue: string, policy: RestorePolicy) {
  return proxyActivities<RepositorySteps>({
    ...AWAIT_CANCELLED,
    taskQueue: repositoryQueue,
    startToCloseTimeout: '6h',
    scheduleToStartTimeout: policy.giveUpAfterMs,
    heartbeatTimeout: policy.heartbeatTimeoutMs,
    retry: { ...backoff(policy), maximumAttempts: 10 },
  });
}

/** A mover that is told to stop gets 5 s for it. */
const STOPPED_WITHIN_MS = 6_000;
const TAKEN_UP_WITHIN_MS = 5_000;

/** Plans for somebody who waits: what isn't taken up soon, or fails twice, is not known. */
export function planSteps(planQueue: string, withinMs: number) {
  return proxyActivities<PlanSteps>({
    ...AWAIT_CANCELLED,
    taskQueue: planQueue,
    scheduleToStartTimeout: TAKEN_UP_WITHIN_MS,
    startToCloseTimeout: withinMs + STOPPED_WITHIN_MS,
    scheduleToCloseTimeout: TAKEN_UP_WITHIN_MS + withinMs + STOPPED_WITHIN_MS,
    retry: { ...SOON, maximumAttempts: 2 },
  });
}

/** Removal of what a failed create left: tried for a moment only, since it stands in the catalog as owed. */
export function removalSteps(placement: Placement) {
  return proxyActivities<PoolSteps>({
    ...ALIVE,
    taskQueue: placement.poolQueue,
    startToCloseTimeout: placement.callTimeoutMs,
    scheduleToStartTimeout: '5s',
    scheduleToCloseTimeout: placement.callTimeoutMs + 10_000,
    retry: SOON,
  });
}
