import { Context } from '@temporalio/activity';
import type { OnPool } from './create-raw-volume';
import type { DataHouse } from './house';

export interface Extending extends OnPool {
  readonly newSizeGib: number;
  /** A volume that somebody took over since isn't touched any more. */
  readonly epoch: number;
}

/** The volume on its pool, made larger; the new part reads zero. One of the new size is the answer. */
export function extendRawVolume(house: DataHouse) {
  return async ({ volumeId, sizeGib, newSizeGib, poolName, epoch }: Extending): Promise<void> => {
    const options = { epoch, signal: Context.current().cancellationSignal };
    await house.volumeDriverOf(poolName).extendVolume({ id: volumeId, sizeGib, poolName }, newSizeGib, options);
  };
}
