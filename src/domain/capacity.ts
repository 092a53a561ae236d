import type { Pool } from './pool';
import type { VolumeType } from './volume-type';

/*
 * Cinder's capacity maths (scheduler/sched_utils.py, filters/capacity_filter.py, weights/capacity.py: S-52, S-53). All in GiB.
 */

/** A pool is thin for volumes of this type. */
export function isThin(pool: Pool, type: VolumeType): boolean {
  return pool.thinProvisioning && type.extraSpecs['provisioning:type'] !== 'thick';
}

/** What may still be promised to volumes of this type. */
export function virtualFreeGib(pool: Pool, type: VolumeType): number {
  const availableGib = pool.totalCapacityGib - reservedGib(pool);
  if (isThin(pool, type)) return availableGib * pool.maxOverSubscriptionRatio - pool.provisionedCapacityGib;
  return Math.min(pool.freeCapacityGib, availableGib - pool.provisionedCapacityGib);
}

/** What may still be written: real free space without the share that is never used. */
export function realFreeGib(pool: Pool): number {
  return pool.freeCapacityGib - reservedGib(pool);
}

function reservedGib({ totalCapacityGib, reservedPercentage }: Pool): number {
  return Math.floor((totalCapacityGib * reservedPercentage) / 100);
}

export interface CapacityDemand {
  readonly sizeGib: number;
  /** How much of it will really be written (W-25). */
  readonly dataGib: number;
}

/** Why the pool has no room, in words; null if it has. */
export function lacksRoom(pool: Pool, type: VolumeType, { sizeGib, dataGib }: CapacityDemand): string | null {
  if (pool.freeCapacityGib === Infinity) return null;
  if (pool.totalCapacityGib === Infinity) {
    return pool.reservedPercentage === 0 ? null : 'a reserved share of infinite capacity is not defined';
  }
  if (pool.totalCapacityGib <= 0) return 'it has no capacity';
  const thin = isThin(pool, type);
  if (thin && pool.maxOverSubscriptionRatio < 1) return 'its over-subscription ratio is below 1';
  const freeGib = virtualFreeGib(pool, type);
  // Cinder's other check, of the ratio, can never be the binding one (S-52).
  if (freeGib < sizeGib) return `it has room for ${gib(freeGib)}, not for ${gib(sizeGib)}`;
  // W-25: a promise is kept with real bytes.
  if (thin && realFreeGib(pool) < dataGib) {
    return `only ${gib(realFreeGib(pool))} of it are really free, and ${gib(dataGib)} will be written`;
  }
  return null;
}

/** S-53: most room first; a pool that doesn't know its capacity comes last. */
export function capacityWeight(pool: Pool, type: VolumeType): number {
  const freeGib = virtualFreeGib(pool, type);
  return Number.isFinite(pool.freeCapacityGib) && Number.isFinite(freeGib) ? freeGib : -1;
}

/** In words, rounded down; never less than nothing. */
export function gib(value: number): string {
  return `${Math.max(0, Math.floor(value * 100) / 100)} GiB`;
}
