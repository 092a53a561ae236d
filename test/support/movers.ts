import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { openVolumeDrivers } from '../../src/drivers/volume/registry';
import type { Movers } from '../../src/mover/mover';
import { moversHere } from '../../src/mover/movers-here';
import type { MoverSettings } from '../../src/mover/protocol';

/** The moves of the product without a process of their own, so that a fault can be put in front of their driver. */
export function moversInThisProcess(
  settings: Omit<MoverSettings, 'readers' | 'allowUnverified'>,
  around: (driver: VolumeDriver) => VolumeDriver,
): Movers {
  const drivers = [...openVolumeDrivers(settings)].map(([name, driver]) => [name, around(driver)] as const);
  return moversHere({ ...settings, readers: 2, allowUnverified: false }, new Map(drivers));
}
