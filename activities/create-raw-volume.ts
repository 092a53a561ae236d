import type { DataHouse } from './house';
import { withSignsOfLife } from './signs-of-life';

export interface OnPool {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly poolName: string;
}

/** An empty volume on the pool. One of this id and size that is there already is the answer. */
export function createRawVolume(house: DataHouse) {
  return async ({ volumeId, sizeGib, poolName }: OnPool): Promise<void> =>
    withSignsOfLife(async () => {
      const volume = { id: volumeId, sizeGib, poolName };
      const epoch = await house.catalog.beginMaking({ volumeId, poolName });
      const confirm = (): Promise<void> => house.catalog.requireWriter({ volumeId, poolName, epoch });
      await house.poolCalls({ what: 'create', volume, epoch }, confirm);
    });
}
