import { capacityWeight, gib, lacksRoom } from './capacity';
import { Refusal } from './errors';
import { unmetDemand } from './extra-specs';
import type { Pool } from './pool';
import type { Volume } from './volume';
import { zonesOf } from './volume-type';
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

type PoolSelection = Pick<PlacementRequest, 'now' | 'excluded' | 'reportMaxAgeMs'>;

export interface RefusedPlace {
  readonly pool: string;
  readonly reason: string;
}

export interface ChosenPlace {
  readonly pool: Pool;
  /** Why the pools that can't take the volume can't. */
  readonly refusedBecause: readonly RefusedPlace[];
}

export interface JudgedPool {
  readonly name: string;
  /** Whether it could take the volume. */
  readonly isFit: boolean;
  /** Why the volume doesn't go there, by all filters; null: it does. */
  readonly reason: string | null;
}

export interface JudgedPools {
  /** Null: no pool can take the volume. */
  readonly chosen: Pool | null;
  /** All of them, in the order in which they came. */
  readonly judged: readonly JudgedPool[];
}

/**
 * The pool that holds the volume's data already, if somebody serves it. Otherwise Cinder's scheduler with its defaults (S-50):
 * filters by zone, capacity and capabilities, then weighs by free capacity.
 * Pure: the caller holds the pools' rows, so that their capacity is still there when the answer is written.
 * @throws Refusal('NoValidBackend') naming each pool and why it was refused
 */
export function choosePool(request: PlacementRequest): ChosenPlace {
  const judgement = judgePools(request);
  const { chosen } = judgement;
  if (!chosen) throw noValidBackend(judgement);
  return { pool: chosen, refusedBecause: refusedOf(judgement) };
}

/** What `choosePool` goes by, pool by pool. */
export function judgePools(request: PlacementRequest): JudgedPools {
  const { pools, type } = request;
  const holder = pools.find((pool) => request.holding.includes(pool.name) && whyUnfit(pool, request) === null);
  if (holder) return { chosen: holder, judged: pools.map((pool) => besideHolder(pool, holder)) };
  const refused = new Map(pools.map((pool) => [pool, reasonsAgainst(pool, request)] as const));
  const fitting = pools.filter((pool) => refused.get(pool)?.length === 0);
  const [chosen = null] = fitting.sort((a, b) => compare(a, b, type));
  const judged = pools.map((pool) => {
    const reasons = refused.get(pool) ?? [];
    if (reasons.length > 0) return { name: pool.name, isFit: false, reason: reasons.join(', and ') };
    return { name: pool.name, isFit: true, reason: chosen && whyOutweighed(pool, chosen, type) };
  });
  return { chosen, judged };
}

function besideHolder({ name }: Pool, holder: Pool): JudgedPool {
  return { name, isFit: true, reason: name === holder.name ? null : `${holder.name} holds data of the volume` };
}

/** Why the pool can't take any volume now; null if it can. */
function whyUnfit(pool: Pool, { now, excluded, reportMaxAgeMs }: PoolSelection): string | null {
  if (excluded.includes(pool.name)) return 'it was tried already';
  // As in Cinder, whose scheduler never sees such a backend; nor does a retry go on there.
  if (pool.isDisabled) return 'its backend is disabled';
  const ageMs = now.getTime() - pool.reportedAt.getTime();
  return ageMs > reportMaxAgeMs ? `it is down, its last report is ${Math.round(ageMs / 1000)} s old` : null;
}

/** One of each filter that it doesn't pass; of a pool that can't take any volume, only that. */
function reasonsAgainst(pool: Pool, request: PlacementRequest): readonly string[] {
  const { volume, type, owing, dataGib = 0 } = request;
  const unfit = whyUnfit(pool, request);
  if (unfit !== null) return [unfit];
  const reasons = [
    owing.includes(pool.name) ? 'it has yet to remove what an earlier attempt left there' : null,
    pool.availabilityZone === volume.availabilityZone
      ? null
      : `it is in zone '${pool.availabilityZone}', not in '${volume.availabilityZone}'`,
    unmetDemand(type.extraSpecs, pool.capabilities),
    lacksRoom(pool, type, { sizeGib: volume.sizeGib, dataGib }),
  ];
  return reasons.filter((reason) => reason !== null);
}

/**
 * Why a volume that lies there may not be of this type; null if it may. By the filters that choose a pool, without that of capacity: the
 * volume is there already (Cinder scheduler/filters/capacity_filter.py, vol_exists_on).
 */
export function whyUnsuited(pool: Pool, type: VolumeType, when: Omit<PoolSelection, 'excluded'>): string | null {
  const unfit = whyUnfit(pool, { ...when, excluded: [] });
  if (unfit !== null) return unfit;
  const reasons = [whyOutOfZone(pool, type), unmetDemand(type.extraSpecs, pool.capabilities)];
  return reasons.filter((reason) => reason !== null).join(', and ') || null;
}

function whyOutOfZone({ availabilityZone }: Pool, type: VolumeType): string | null {
  const zones = zonesOf(type);
  if (zones === null || zones.includes(availabilityZone)) return null;
  return `it is in zone '${availabilityZone}', and the type only in ${zones.map((zone) => `'${zone}'`).join(', ')}`;
}

/** S-53; among equals the first by name, so that the answer doesn't depend on the order of rows. */
function compare(a: Pool, b: Pool, type: VolumeType): number {
  return capacityWeight(b, type) - capacityWeight(a, type) || (a.name < b.name ? -1 : 1);
}

/** `compare` in words; null of the chosen one itself. */
function whyOutweighed(pool: Pool, chosen: Pool, type: VolumeType): string | null {
  if (pool.name === chosen.name) return null;
  const [here, there] = [capacityWeight(pool, type), capacityWeight(chosen, type)];
  if (here === there) return `it would do as well, but ${chosen.name} comes first by name`;
  if (here < 0) return `it would do, but does not know its capacity, as ${chosen.name} does`;
  return `it would do, but has room for ${gib(here)}, and ${chosen.name} for ${gib(there)}`;
}

function refusedOf({ judged }: JudgedPools): readonly RefusedPlace[] {
  return judged.flatMap(({ name, isFit, reason }) => (isFit || reason === null ? [] : [{ pool: name, reason }]));
}

/** That no pool can take the volume, and why not. */
export function noValidBackend(judgement: JudgedPools): Refusal {
  const reasons = refusedOf(judgement)
    .map(({ pool, reason }) => `${pool}: ${reason}`)
    .join('; ');
  return new Refusal('NoValidBackend', `No valid backend was found. ${reasons || 'No pool has reported yet'}.`);
}
