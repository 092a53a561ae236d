import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { ControlSteps, CopySteps, PoolSteps, RepositorySteps } from '../activities/index';
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
    startToCloseTimeout: '60s',
    scheduleToStartTimeout: policy.giveUpAfterMs,
    scheduleToCloseTimeout: policy.giveUpAfterMs,
    retry: SOON,
  });
}

/**
 * Steps that move data: long, heartbeating. Not bounded by attempts (a deploy spends one) nor by a total time (a copy may
 * wait its turn, or be paused): the step itself gives up when it makes no progress.
 */
export function copySteps(placement: Placement, policy: RestorePolicy) {
  return proxyActivities<CopySteps>({
    ...AWAIT_CANCELLED,
    taskQueue: placement.copyQueue,
    startToCloseTimeout: '7d',
    scheduleToStartTimeout: policy.giveUpAfterMs,
    heartbeatTimeout: policy.heartbeatTimeoutMs,
    // Each death of a worker is an attempt: a copy that has seen many still goes on soon.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s' },
  });
}

/** Work in a repository of backups. Given up after some attempts: its end is awaited by somebody who may ask again. */
export function repositorySteps(repositoryQueue: string, policy: RestorePolicy) {
  return proxyActivities<RepositorySteps>({
    ...AWAIT_CANCELLED,
    taskQueue: repositoryQueue,
    startToCloseTimeout: '6h',
    scheduleToStartTimeout: policy.giveUpAfterMs,
    heartbeatTimeout: policy.heartbeatTimeoutMs,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 10 },
  });
}

/** Removal of what a failed create left: tried for a moment only, since it stands in the catalog as owed. */
export function removalSteps(placement: Placement) {
  return proxyActivities<PoolSteps>({
    ...ALIVE,
    taskQueue: placement.poolQueue,
    startToCloseTimeout: '60s',
    scheduleToStartTimeout: '5s',
    scheduleToCloseTimeout: '70s',
    retry: SOON,
  });
}
