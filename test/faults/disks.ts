import { Refusal } from '../../src/domain/errors';
import type { VolumeTarget } from '../../src/domain/volume-target';
import type { VolumeDriver, VolumeOnPool } from '../../src/drivers/volume/driver';
import { passedThrough } from '../support/drivers';
import type { DiskFault } from './faults';

/** What disks and repositories do to single volumes, at the boundary of the volume driver. */
export interface Disks {
  readonly around: (driver: VolumeDriver) => VolumeDriver;
  fail(volumeId: string, fault: DiskFault): void;
  forget(volumeId: string): void;
}

const ONCE: readonly DiskFault[] = [
  'meets EIO once',
  'meets EIO once in the middle',
  'cannot flush once',
  'cannot close once',
];

export function disksThatFail(): Disks {
  const faults = new Map<string, DiskFault>();
  /** Whether it happens, now and to this volume; what happens once is over then. */
  const strikes = ({ id }: VolumeOnPool, ...which: readonly DiskFault[]): boolean => {
    const fault = faults.get(id);
    if (!fault || !which.includes(fault)) return false;
    if (ONCE.includes(fault)) faults.delete(id);
    return true;
  };
  const checked = (volume: VolumeOnPool): void => {
    if (strikes(volume, 'meets EIO once', 'meets EIO always')) throw ioError();
    if (strikes(volume, 'meets a full disk')) throw full(volume);
  };
  return {
    fail: (volumeId, fault) => faults.set(volumeId, fault),
    forget: (volumeId) => faults.delete(volumeId),
    around: (driver) => ({
      ...driver,
      createVolume: async (volume) => {
        checked(volume);
        await driver.createVolume(volume);
        if (strikes(volume, 'meets EIO once in the middle')) throw ioError();
      },
      extendVolume: async (volume, newSizeGib, options) => {
        checked(volume);
        await driver.extendVolume(volume, newSizeGib, options);
        if (strikes(volume, 'meets EIO once in the middle')) throw ioError();
      },
      deleteVolume: async (volume) => {
        // A full disk, or one that fails where it is written to, doesn't keep a file from being removed.
        if (strikes(volume, 'meets EIO once')) throw ioError();
        await driver.deleteVolume(volume);
        if (strikes(volume, 'meets EIO once in the middle')) throw ioError();
      },
      createVolumeFromBackup:
        driver.createVolumeFromBackup &&
        ((volume, ranges, options) => {
          if (ranges) checked(volume);
          const onProgress = (done: number, total: number): void => {
            options.onProgress(done, total);
            if (strikes(volume, 'meets EIO once in the middle')) throw ioError();
          };
          return driver.createVolumeFromBackup!(volume, ranges, { ...options, onProgress });
        }),
      openTarget: async (volume, options) => badTarget(await driver.openTarget(volume, options), volume, strikes),
    }),
  };
}

function badTarget(
  target: VolumeTarget,
  volume: VolumeOnPool,
  strikes: (volume: VolumeOnPool, ...which: readonly DiskFault[]) => boolean,
): VolumeTarget {
  let writes = 0;
  return {
    ...passedThrough(target),
    write: async (offsetBytes, data) => {
      writes += 1;
      if (strikes(volume, 'meets EIO once', 'meets EIO always')) throw ioError();
      if (writes > 1 && strikes(volume, 'meets EIO once in the middle')) throw ioError();
      if (writes > 1 && strikes(volume, 'meets a full disk')) throw full(volume);
      await target.write(offsetBytes, data);
    },
    flush: async () => {
      if (strikes(volume, 'cannot flush once', 'cannot flush ever')) throw ioError();
      await target.flush();
    },
    close: async () => {
      await target.close();
      if (strikes(volume, 'cannot close once')) throw ioError();
    },
  };
}

function ioError(): Error {
  return Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
}

/** What the driver makes of ENOSPC. */
function full({ poolName }: VolumeOnPool): Refusal {
  return new Refusal('PoolRefused', `Pool ${poolName} is full.`);
}
