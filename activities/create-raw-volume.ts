import type { DataHouse } from './house';

export interface OnPool {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly poolName: string;
}

/** An empty volume on the pool. One of this id and size that is there already is the answer. */
export function createRawVolume(house: DataHouse) {
  return async ({ volumeId, sizeGib, poolName }: OnPool): Promise<void> =>
    house.volumeDriverOf(poolName).createVolume({ id: volumeId, sizeGib, poolName });
}
