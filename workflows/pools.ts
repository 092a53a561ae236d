import { CancellationScope, log } from '@temporalio/workflow';
import type { RestorePolicy } from '../activities/accept-request';
import type { Placement, RefusedPool } from '../activities/schedule-volume';
import { leavesDataForRetry } from '../src/domain/retry';
import { createFailureOf, nobodyCame, refusalCodeOf } from './failures';
import { show } from './on-display';
import { saga } from './saga';
import type { Undo } from './saga';
import { controlSteps, removalSteps } from './steps';
import { thisRun } from './this-run';

/** Cinder's scheduler_max_attempts (S-25). */
export const MAX_ATTEMPTS = 3;

export interface VolumeToPlace {
  readonly volumeId: string;
  readonly sizeGib: number;
  /** There may be data of an earlier run on a pool. */
  readonly isRetry: boolean;
  readonly policy: RestorePolicy;
}

export interface PoolAttempt {
  readonly placement: Placement;
  /** From here on a refusal of the pool is final: what has been moved isn't moved again elsewhere. */
  readonly dataFlows: () => void;
}

export interface Pools {
  /** Runs `work` on the best pool; if that pool refuses or nobody serves it, on the next, as Cinder's scheduler does. */
  onSomePool<Result>(work: (attempt: PoolAttempt) => Promise<Result>): Promise<Result>;
  /** Tries for a moment to remove what failed attempts left; what can't be removed now stays owed in the catalog. */
  removeLeftovers(): Promise<void>;
}

/** How far one attempt has come. */
interface Stage {
  placement: Placement | null;
  dataFlows: boolean;
}

export function poolsFor(volume: VolumeToPlace): Pools {
  const left: Placement[] = [];
  return {
    onSomePool: async (work) => {
      const refused: RefusedPool[] = [];
      for (;;) {
        const stage: Stage = { placement: null, dataFlows: false };
        try {
          return await saga((undo) => attempt({ volume, refused, stage, undo }, work));
        } catch (failure) {
          if (stage.placement) left.push(stage.placement);
          const next =
            stage.dataFlows || refused.length + 1 >= MAX_ATTEMPTS ? null : refusalOf(stage.placement, failure);
          if (!next) throw failure;
          refused.push(next);
        }
      }
    },
    removeLeftovers: () =>
      CancellationScope.nonCancellable(async () => {
        for (const placement of left) await removeOwed(volume, placement);
      }),
  };
}

interface Attempt {
  readonly volume: VolumeToPlace;
  readonly refused: readonly RefusedPool[];
  readonly stage: Stage;
  readonly undo: Undo;
}

async function attempt<Result>(
  { volume, refused, stage, undo }: Attempt,
  work: (attempt: PoolAttempt) => Promise<Result>,
): Promise<Result> {
  const { volumeId, policy } = volume;
  show('scheduling', { details: refused.length > 0 ? `refused so far: ${listed(refused)}` : 'choosing a pool' });
  undo('leave the pool, owing the removal of what is there', async (failure) => {
    // What is there may be the last copy of what its owner did since: it stays the volume's.
    if (refusalCodeOf(failure) === 'AlreadyComplete') return;
    await controlSteps().oweRemoval({ volumeId, keepMs: keepMsAfter(failure, volume, stage), runId: thisRun() });
  });
  const placement = await controlSteps(policy.giveUpAfterMs).scheduleVolume({ volumeId, refused });
  stage.placement = placement;
  return work({ placement, dataFlows: () => (stage.dataFlows = true) });
}

/** How long what is on the pool is kept for a retry. */
function keepMsAfter(failure: unknown, { isRetry, policy }: VolumeToPlace, { dataFlows }: Stage): number {
  const mayHoldData = dataFlows || isRetry;
  return mayHoldData && leavesDataForRetry(createFailureOf(failure)) ? policy.retryGraceMs : 0;
}

/** Why the next pool should be tried, or null where that would not help. */
function refusalOf(placement: Placement | null, failure: unknown): RefusedPool | null {
  if (!placement) return null;
  if (nobodyCame(failure)) return { poolName: placement.poolName, reason: 'no worker serves it' };
  if (refusalCodeOf(failure) !== 'PoolRefused') return null;
  return { poolName: placement.poolName, reason: createFailureOf(failure).message };
}

/** Never fails: what can't be removed now stays owed in the catalog, and the pool's worker pays when it is back. */
export async function removeOwed(volume: { volumeId: string; sizeGib: number }, placement: Placement): Promise<void> {
  const { volumeId, sizeGib } = volume;
  const { poolName } = placement;
  try {
    await removalSteps(placement).removeVolume({ volumeId, sizeGib, poolName });
  } catch (error) {
    log.warn('the pool could not be reached; its data stays owed', { poolName, error });
  }
}

function listed(refused: readonly RefusedPool[]): string {
  return refused.map(({ poolName, reason }) => `${poolName} (${reason})`).join(', ');
}
