import { copyImage } from '../copy/copy-image';
import { verifyTarget } from '../copy/verify-target';
import type { BackupDriver } from '../drivers/backup/driver';
import { openBackupDrivers } from '../drivers/backup/registry';
import type { VolumeDriver } from '../drivers/volume/driver';
import { driverOf } from '../drivers/volume/registry';
import { openBackupImage } from '../image/open';
import type { Movers } from './mover';
import { movesHere } from './moves';
import type { MoverSettings } from './protocol';
import { readerPool } from './reader-pool';

/**
 * Joins what moves take, in this process.
 * @param volumeDrivers by `host@backend`
 * @param backupDriverOf who lists a backup's objects; the threads that read them open the repositories themselves
 */
export function moversHere(
  settings: MoverSettings,
  volumeDrivers: ReadonlyMap<string, VolumeDriver>,
  backupDriverOf = driversOf(settings),
): Movers {
  return movesHere({
    volumeDriverOf: (poolName) => driverOf(volumeDrivers, poolName),
    backupDriverOf,
    openImage: openBackupImage,
    allowUnverified: settings.allowUnverified,
    copyImage,
    verifyTarget,
    readersFor: readerPool(settings),
  });
}

function driversOf({ repositories }: MoverSettings): (service: string) => BackupDriver {
  const opened = openBackupDrivers(repositories);
  return (service) => opened.driverFor(service);
}
