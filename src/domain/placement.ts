import { capacityWeight, lacksRoom } from './capacity';
import { Refusal } from './errors';
import { unmetDemand } from './extra-specs';
import type { Pool } from './pool';
import type { Volume } from './volume';
import type { VolumeType } from './volume-type';

/** The fresh rows that a place is chosen by. */
export interface PlacementFacts {
  readonly volume: Pick<Volume, 'sizeGib' | 'availabilityZone'>;
  readonly type: VolumeType;
  readonly pools: readonly Pool[];
  readonly now: Date;
  /** Names of the pools that hold data of this volume, which is kept for a retry and is reserved there still. */
  readonly holding: readonly string[];
  /** Names of the pools that have yet to remove data of this volume: what were placed there would be removed with it. */
  readonly owing: readonly string[];
}

export interface PlacementRequest extends PlacementFacts {
  /** Pools that were tried already. */
  readonly excluded: readonly string[];
  /** A pool whose report is older is down: nobody serves it. */
  readonly reportMaxAgeMs: number;
  /** How much of the volume will really be written, in GiB. Default: not known, 0. */
  readonly dataGib?: number;
}

export interface RefusedPlace {
  readonly pool: string;
  readonly reason: string;
}

export interface ChosenPlace {
  readonly pool: Pool;
  /** Why the pools that can't take the volume can't. */
  readonly refusedBecause: readonly RefusedPlace[];
}

/**
 * The pool that holds the volume's data already, if somebody serves it. Otherwise Cinder's scheduler with its defaults (S-50):
 * filters by zone, capacity and capabilities, then weighs by free capacity.
 * Pure: the caller holds the pools' rows, so that their capacity is still there when the answer is written.
 * @throws Refusal('NoValidBackend') naming each pool and why it was refused
 */
export function choosePool(request: PlacementRequest): ChosenPlace {
  const holder = request.pools.find((pool) => request.holding.includes(pool.name) && whyUnfit(pool, request) === null);
  if (holder) return { pool: holder, refusedBecause: [] };
  const judged = request.pools.map((pool) => ({ pool, reason: whyNot(pool, request) }));
  const refusedBecause = judged.flatMap(({ pool, reason }) => (reason === null ? [] : [{ pool: pool.name, reason }]));
  const fitting = judged.filter(({ reason }) => reason === null).map(({ pool }) => pool);
  const [best] = fitting.sort((a, b) => compare(a, b, request.type));
  if (!best) throw noValidBackend(refusedBecause);
  return { pool: best, refusedBecause };
}

/** Why the pool can't take any volume now; null if it can. */
function whyUnfit(pool: Pool, { now, excluded, reportMaxAgeMs }: PlacementRequest): string | null {
  if (excluded.includes(pool.name)) return 'it was tried already';
  // As in Cinder, whose scheduler never sees such a backend; nor does a retry go on there.
  if (pool.isDisabled) return 'its backend is disabled';
  const ageMs = now.getTime() - pool.reportedAt.getTime();
  return ageMs > reportMaxAgeMs ? `it is down, its last report is ${Math.round(ageMs / 1000)} s old` : null;
}

/** The first reason against the pool; null if there is none. */
function whyNot(pool: Pool, request: PlacementRequest): string | null {
  const { volume, type, owing, dataGib = 0 } = request;
  const unfit = whyUnfit(pool, request);
  if (unfit !== null) return unfit;
  if (owing.includes(pool.name)) return 'it has yet to remove what an earlier attempt left there';
  if (pool.availabilityZone !== volume.availabilityZone) {
    return `it is in zone '${pool.availabilityZone}', not in '${volume.availabilityZone}'`;
  }
  return unmetDemand(type.extraSpecs, pool.capabilities) ?? lacksRoom(pool, type, { sizeGib: volume.sizeGib, dataGib });
}

/** S-53; among equals the first by name, so that the answer doesn't depend on the order of rows. */
function compare(a: Pool, b: Pool, type: VolumeType): number {
  return capacityWeight(b, type) - capacityWeight(a, type) || (a.name < b.name ? -1 : 1);
}

function noValidBackend(refused: readonly RefusedPlace[]): Refusal {
  const reasons = refused.map(({ pool, reason }) => `${pool}: ${reason}`).join('; ');
  return new Refusal('NoValidBackend', `No valid backend was found. ${reasons || 'No pool has reported yet'}.`);
}
