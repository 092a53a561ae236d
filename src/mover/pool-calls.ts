import type { VolumeDriver, VolumeOnPool } from '../drivers/volume/driver';
import { driverOf } from '../drivers/volume/registry';

/** A short call of a volume driver. Plain data: it crosses processes. */
export type PoolCall = {
  readonly volume: VolumeOnPool;
  /** The right to touch the volume: a call with a newer one takes it from one with an older one. */
  readonly epoch: number;
} & (
  { readonly what: 'create' } | { readonly what: 'extend'; readonly newSizeGib: number } | { readonly what: 'delete' }
);

/** Asked when the volume is the call's, before anything is touched. @throws Refusal('Fenced') */
export type Confirm = () => Promise<void>;

/**
 * Carries out short calls of volume drivers. When a call returns, by whatever end, nothing of it touches the volume any more.
 * @throws Refusal; anything else may be repeated
 */
export type PoolCalls = (call: PoolCall, confirm: Confirm) => Promise<void>;

/** In this process. @param volumeDrivers by `host@backend` */
export function poolCallsHere(volumeDrivers: ReadonlyMap<string, VolumeDriver>): PoolCalls {
  return async (call, confirm) => {
    const { volume, epoch } = call;
    const driver = driverOf(volumeDrivers, volume.poolName);
    // Short: it is waited for, or its process is killed.
    const options = { epoch, confirm, signal: new AbortController().signal };
    if (call.what === 'create') await driver.createVolume(volume, options);
    else if (call.what === 'extend') await driver.extendVolume(volume, call.newSizeGib, options);
    else await driver.deleteVolume(volume, options);
  };
}
