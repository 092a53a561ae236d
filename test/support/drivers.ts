import { setMaxListeners } from 'node:events';
import { Refusal } from '../../src/domain/errors';
import type { VolumeTarget } from '../../src/domain/volume-target';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { gate } from './gate';

/** The driver as it is, but without a way of its own to create from a backup. */
export function withoutNativeWay(driver: VolumeDriver): VolumeDriver {
  return { ...driver, createVolumeFromBackup: undefined };
}

export interface Stall {
  readonly around: (driver: VolumeDriver) => VolumeDriver;
  /** Resolves when a copy has begun to write; from then on it hangs, as on a disk that doesn't answer, until aborted. */
  readonly copying: () => Promise<void>;
}

/** A disk that takes the first write and then answers no more; of `times` copies, then it is well again. */
export function stallingDriver(times = Infinity): Stall {
  let stalled = 0;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    copying: () => begun,
    around: (driver) => ({
      ...driver,
      openTarget: async (volume, options) => {
        const target = await driver.openTarget(volume, options);
        if (stalled >= times) return target;
        stalled += 1;
        return hanging(target, options.signal, begin);
      },
    }),
  };
}

function hanging(target: VolumeTarget, signal: AbortSignal, begin: () => void): VolumeTarget {
  // As many writes as a copy has in flight listen to it.
  setMaxListeners(0, signal);
  return {
    ...passedThrough(target),
    write: async (offset, data) => {
      await target.write(offset, data);
      begin();
      await new Promise<void>((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason as Error);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  };
}

export interface HeldExtension {
  readonly around: (driver: VolumeDriver) => VolumeDriver;
  /** Resolves when the first extension has come to the driver, which holds it up. */
  readonly reached: Promise<void>;
  /** Lets it go on; resolves when it has ended, whatever came of it. */
  readonly letGo: () => Promise<void>;
}

/** A backend that takes its time to extend a volume. */
export function heldExtension(): HeldExtension {
  const hold = gate();
  let held: Promise<void> = Promise.resolve();
  return {
    reached: hold.reached,
    letGo: async () => {
      hold.open();
      await held.catch(() => undefined);
    },
    around: (driver) => ({
      ...driver,
      extendVolume: async (volume, newSizeGib, options) => {
        held = hold.pass().then(() => driver.extendVolume(volume, newSizeGib, options));
        await held;
      },
    }),
  };
}

/** A driver some of whose pools have no room. */
export function refusingDriver(
  driver: VolumeDriver,
  refuses: (volume: { readonly poolName: string }) => boolean,
): VolumeDriver {
  return {
    ...withoutNativeWay(driver),
    createVolume: async (volume) => {
      if (refuses(volume)) throw new Refusal('PoolRefused', 'the pool is full');
      await driver.createVolume(volume);
    },
  };
}

/** A driver whose pools have no room for anything more of a volume that is there. */
export function extendingNothing(driver: VolumeDriver): VolumeDriver {
  return {
    ...driver,
    extendVolume: async ({ poolName }) => {
      throw new Refusal('PoolRefused', `Pool ${poolName} is full.`);
    },
  };
}

/** A pool that has room for one write. */
export function fullAfterFirstWrite(driver: VolumeDriver): VolumeDriver {
  return {
    ...withoutNativeWay(driver),
    openTarget: async (volume, options) => {
      const target = await driver.openTarget(volume, options);
      let written = false;
      return {
        ...passedThrough(target),
        write: async (offset, data) => {
          if (written) throw new Refusal('PoolRefused', `Pool ${volume.poolName} is full.`);
          written = true;
          await target.write(offset, data);
        },
      };
    },
  };
}

/** The target as it is, to be changed in one of its ways. */
export function passedThrough(target: VolumeTarget): VolumeTarget {
  return {
    sizeBytes: target.sizeBytes,
    isZeroed: target.isZeroed,
    identity: target.identity,
    bootId: target.bootId,
    write: (offset, data) => target.write(offset, data),
    read: (offset, length) => target.read(offset, length),
    zero: (offset, length) => target.zero(offset, length),
    flush: () => target.flush(),
    markWhole: () => target.markWhole(),
    close: () => target.close(),
  };
}
