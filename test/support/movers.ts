import { copyImage } from '../../src/copy/copy-image';
import { verifyTarget } from '../../src/copy/verify-target';
import { backendOf } from '../../src/domain/pool';
import { openBackupDrivers } from '../../src/drivers/backup/registry';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { openVolumeDrivers } from '../../src/drivers/volume/registry';
import { openBackupImage } from '../../src/image/open';
import type { Movers } from '../../src/mover/mover';
import { movesHere } from '../../src/mover/moves';
import type { MoverSettings } from '../../src/mover/protocol';
import { readerPool } from '../../src/mover/reader-pool';

/** The moves of the product without a process of their own, so that a fault can be put in front of their driver. */
export function moversInThisProcess(
  settings: Omit<MoverSettings, 'readers' | 'allowUnverified'>,
  around: (driver: VolumeDriver) => VolumeDriver,
): Movers {
  const drivers = openVolumeDrivers(settings);
  const repositories = openBackupDrivers(settings.repositories);
  return movesHere({
    volumeDriverOf: (poolName) => around(drivers.get(backendOf(poolName))!),
    backupDriverOf: (service) => repositories.driverFor(service),
    openImage: openBackupImage,
    allowUnverified: false,
    copyImage,
    verifyTarget,
    readersFor: readerPool({ ...settings, readers: 2 }),
  });
}
