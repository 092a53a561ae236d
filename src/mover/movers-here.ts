import { copyImage } from '../copy/copy-image';
import { verifyTarget } from '../copy/verify-target';
import { openBackupDrivers } from '../drivers/backup/registry';
import type { VolumeDriver } from '../drivers/volume/driver';
import { driverOf } from '../drivers/volume/registry';
import { openBackupImage } from '../image/open';
import type { Movers } from './mover';
import { movesHere } from './moves';
import type { MoverSettings } from './protocol';
import { readerPool } from './reader-pool';

/** Joins what moves take, in this process. @param volumeDrivers by `host@backend` */
export function moversHere(settings: MoverSettings, volumeDrivers: ReadonlyMap<string, VolumeDriver>): Movers {
  const repositories = openBackupDrivers(settings.repositories);
  return movesHere({
    volumeDriverOf: (poolName) => driverOf(volumeDrivers, poolName),
    backupDriverOf: (service) => repositories.driverFor(service),
    openImage: openBackupImage,
    allowUnverified: settings.allowUnverified,
    copyImage,
    verifyTarget,
    readersFor: readerPool(settings),
  });
}
