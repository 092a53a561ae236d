import type { BackupDriver } from '../../src/drivers/backup/driver';
import { openBackupDrivers } from '../../src/drivers/backup/registry';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { openVolumeDrivers } from '../../src/drivers/volume/registry';
import type { Movers } from '../../src/mover/mover';
import { moversHere } from '../../src/mover/movers-here';
import type { MoverSettings } from '../../src/mover/protocol';

/** The moves of the product without a process of their own, so that a fault can be put in front of their drivers. */
export function moversInThisProcess(
  settings: Omit<MoverSettings, 'readers' | 'allowUnverified'>,
  around: (driver: VolumeDriver) => VolumeDriver,
  aroundRepository: (driver: BackupDriver) => BackupDriver = (driver) => driver,
): Movers {
  const drivers = [...openVolumeDrivers(settings)].map(([name, driver]) => [name, around(driver)] as const);
  const repositories = openBackupDrivers(settings.repositories);
  const backupDriverOf = (service: string) => aroundRepository(repositories.driverFor(service));
  return moversHere({ ...settings, readers: 2, allowUnverified: false }, new Map(drivers), backupDriverOf);
}
