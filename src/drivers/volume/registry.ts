import { backendOf } from '../../domain/pool';
import type { VolumeDriver } from './driver';
import { fileVolumeDriver } from './file';
import type { FileBackend } from './file-pools';

/** Every kind of volume driver there is. A new one is a file beside `file.ts` and a line here. */
const DRIVERS = {
  file: fileVolumeDriver,
} satisfies Record<string, (config: FileBackend) => VolumeDriver>;

/** A backend as the configuration gives it. */
export interface VolumeBackend extends Pick<FileBackend, 'pools'> {
  readonly driver: keyof typeof DRIVERS;
  readonly name: string;
}

export interface VolumeBackends {
  /** See `FileBackend`. */
  readonly mayBeKilled?: boolean | undefined;
  readonly host: string;
  readonly availabilityZone: string;
  readonly backends: readonly VolumeBackend[];
}

/** The drivers of this machine by `host@backend`. @throws Error if two backends have one name */
export function openVolumeDrivers({
  host,
  availabilityZone,
  backends,
  mayBeKilled,
}: VolumeBackends): Map<string, VolumeDriver> {
  const drivers = new Map<string, VolumeDriver>();
  for (const { driver, name, pools } of backends) {
    const key = `${host}@${name}`;
    if (drivers.has(key)) throw new Error(`Two volume backends are named ${key}.`);
    drivers.set(key, DRIVERS[driver]({ host, backend: name, availabilityZone, pools, mayBeKilled }));
  }
  return drivers;
}

/** The driver that serves a pool (`host@backend#pool`). @throws Error if there is none here */
export function driverOf(drivers: ReadonlyMap<string, VolumeDriver>, poolName: string): VolumeDriver {
  const driver = drivers.get(backendOf(poolName));
  if (!driver) throw new Error(`The pool ${poolName} is not served here`);
  return driver;
}
