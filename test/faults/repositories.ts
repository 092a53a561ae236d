import { rmSync, writeFileSync } from 'node:fs';
import type { BackupDriver } from '../../src/drivers/backup/driver';
import type { RepositoryFault } from './faults';

/** What repositories do to single backups, at the boundary of the backup driver, and what happens to their objects. */
export interface Repositories {
  readonly around: (driver: BackupDriver) => BackupDriver;
  /** @param object path of one of the backup's objects */
  fail(backupId: string, fault: RepositoryFault, object: string): void;
  forget(backupId: string): void;
}

export function repositoriesThatFail(): Repositories {
  const faults = new Map<string, RepositoryFault>();
  return {
    fail: (backupId, fault, object) => {
      if (fault === 'finds an object cut short') writeFileSync(object, 'cut short');
      else if (fault === 'finds an object missing') rmSync(object, { force: true });
      else faults.set(backupId, fault);
    },
    forget: (backupId) => faults.delete(backupId),
    around: (driver) => ({
      ...driver,
      listObjects: async (link, signal) => {
        const fault = faults.get(link.id);
        if (fault === 'cannot reach its repository once') faults.delete(link.id);
        if (fault) throw Object.assign(new Error('ESTALE: stale file handle'), { code: 'ESTALE' });
        return driver.listObjects(link, signal);
      },
    }),
  };
}
