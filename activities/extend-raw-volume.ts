import type { OnPool } from './create-raw-volume';
import type { DataHouse } from './house';
import { withSignsOfLife } from './signs-of-life';

export interface Extending extends OnPool {
  readonly newSizeGib: number;
  /** A volume that somebody took over since isn't touched any more. */
  readonly epoch: number;
}

/** The volume on its pool, made larger; the new part reads zero. One of the new size is the answer. */
export function extendRawVolume(house: DataHouse) {
  return async ({ volumeId, sizeGib, newSizeGib, poolName, epoch }: Extending): Promise<void> =>
    withSignsOfLife(async () => {
      const volume = { id: volumeId, sizeGib, poolName };
      const confirm = (): Promise<void> => house.catalog.requireWriter({ volumeId, poolName, epoch });
      await house.poolCalls({ what: 'extend', volume, newSizeGib, epoch }, confirm);
    });
}
