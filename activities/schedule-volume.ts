import { Context } from '@temporalio/activity';
import { Refusal } from '../src/domain/errors';
import { choosePool, judgePools } from '../src/domain/placement';
import type { PlacementRequest } from '../src/domain/placement';
import type { ControlHouse } from './house';

/** Where a volume goes, and which queues its host's workers listen on. */
export interface Placement {
  /** `host@backend#pool` */
  readonly poolName: string;
  /** Short driver calls. */
  readonly poolQueue: string;
  /** Copies: a call here may have to wait for others. */
  readonly copyQueue: string;
  /** How long a short call may take there. */
  readonly callTimeoutMs: number;
}

export interface RefusedPool {
  readonly poolName: string;
  readonly reason: string;
}

/**
 * The pool that still holds what an earlier run copied; otherwise filters and weighs the pools as Cinder's scheduler does, and
 * reserves the capacity of the best. Where all that suit it have only fallen silent, they get a quarter of a minute to report.
 */
export function scheduleVolume(house: ControlHouse) {
  return async ({ volumeId, refused }: { volumeId: string; refused: readonly RefusedPool[] }): Promise<Placement> => {
    const { reportMaxAgeMs } = house.settings;
    const excluded = refused.map(({ poolName }) => poolName);
    try {
      const { host } = await house.catalog.placeVolume({
        volumeId,
        choose: (facts) => chooseInTime({ ...facts, excluded, reportMaxAgeMs }),
      });
      if (host === null) throw new Error(`Volume ${volumeId} was placed and has no host`);
      return placementOn(house, host);
    } catch (error) {
      throw error instanceof Refusal ? withReasons(error, refused) : error;
    }
  };
}

/** By then it has waited for 16 s (workflows/steps.ts). */
const LAST_LOOK = 9;

/** Pools are silent that are about to report: their worker, or the database, has just come back. */
function chooseInTime(request: PlacementRequest): string {
  try {
    return choosePool(request).pool.name;
  } catch (error) {
    const isLastLook = Context.current().info.attempt >= LAST_LOOK;
    if (isLastLook || judgePools({ ...request, reportMaxAgeMs: Infinity }).chosen === null) throw error;
    throw new Error(`Waiting for a report. ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

export function placementOn(house: ControlHouse, poolName: string): Placement {
  const { poolQueue, copyQueue } = house.queuesOf(poolName);
  return { poolName, poolQueue, copyQueue, callTimeoutMs: house.settings.callTimeoutMs };
}

/** A pool that was tried and refused says why; the scheduler knows only that it is excluded. */
export function withReasons(error: Refusal, refused: readonly RefusedPool[]): Refusal {
  if (refused.length === 0) return error;
  const reasons = refused.map(({ poolName, reason }) => `${poolName}: ${reason}`).join('; ');
  return new Refusal(error.code, `${error.message} Tried before: ${reasons}`, { cause: error });
}
