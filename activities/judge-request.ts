import type { JudgedVolume } from '../src/catalog/catalog';
import { realFreeGib } from '../src/domain/capacity';
import type { CreateVolumeRequest } from '../src/domain/create-request';
import type { JudgedBackup, JudgedRequest, Said } from '../src/domain/explanation';
import type { Refusal } from '../src/domain/errors';
import type { Pool } from '../src/domain/pool';
import { judgePools, noValidBackend } from '../src/domain/placement';
import type { JudgedPool } from '../src/domain/placement';
import { policyOf } from './accept-request';
import type { RestorePolicy } from './accept-request';
import type { ControlHouse } from './house';
import { withReasons } from './schedule-volume';
import type { RefusedPool } from './schedule-volume';

export interface JudgedForPlan extends JudgedRequest {
  /** Where the workers listen who can plan for the chosen pool, or for none. */
  readonly planQueue: string;
  readonly policy: RestorePolicy;
}

export interface RequestToJudge {
  readonly request: CreateVolumeRequest;
  /** Pools that would have been tried. */
  readonly refused: readonly RefusedPool[];
}

/** What `acceptRequest` and `scheduleVolume` would answer at this moment, and why. Changes nothing. */
export function judgeRequest(house: Omit<ControlHouse, 'runs'>) {
  return async ({ request, refused }: RequestToJudge): Promise<JudgedForPlan> => {
    const { reportMaxAgeMs, defaults } = house.settings;
    const judged = await house.catalog.judgeVolume(request, defaults);
    const excluded = refused.map(({ poolName }) => poolName);
    const pools = judgePools({ ...judged.placement, excluded, reportMaxAgeMs });
    const { chosen } = pools;
    const { sizeGib, type, availabilityZone } = judged.wanted;
    const { name, description, metadata } = request;
    return {
      volume: { name, description, metadata, sizeGib, typeName: type.name, availabilityZone },
      backup: backupOf(judged),
      refusal: judged.refusal && said(judged.refusal),
      pools: pools.judged.map((pool) => withReason(pool, refused)),
      nowhere: chosen ? null : said(withReasons(noValidBackend(pools), refused)),
      chosen: chosen && { poolName: chosen.name, reallyFreeGib: reallyFreeGib(chosen) },
      planQueue: chosen ? house.queuesOf(chosen.name).planQueue : house.repositoryQueue,
      policy: policyOf(house),
    };
  };
}

function backupOf({ wanted, ...judged }: JudgedVolume): JudgedBackup | null {
  if (!wanted.backup) return null;
  const { id, name, status, sizeGib } = wanted.backup;
  const { chainLength, backupReaders: readers, backupIsLocked: isLocked } = judged;
  return { id, name, status, sizeGib, chainLength, readers, isLocked };
}

function said({ code, message }: Refusal): Said {
  return { code, message };
}

/** A pool that would have been tried says itself why it refuses. */
function withReason(pool: JudgedPool, refused: readonly RefusedPool[]): JudgedPool {
  return { ...pool, reason: refused.find(({ poolName }) => poolName === pool.name)?.reason ?? pool.reason };
}

/** Infinity is no number to JSON. */
function reallyFreeGib(pool: Pool): number | null {
  const freeGib = realFreeGib(pool);
  return Number.isFinite(freeGib) ? freeGib : null;
}
