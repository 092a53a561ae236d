import { Refusal } from '../../domain/errors';
import type { BackupDriver } from './driver';
import { posixBackupDriver } from './posix';

/** A repository as the configuration names it. */
export interface BackupRepository {
  readonly driver: 'posix';
  readonly path: string;
}

/** All repositories of this worker. */
export interface BackupDrivers {
  /**
   * The repository that holds the backups of this service, the first of the configured ones that serves it.
   * @throws Refusal('BackupUnreadable') if there is none here
   */
  driverFor(service: string): BackupDriver;
}

/** The list of what there is: one line per kind of repository. Touches none of them. */
const DRIVERS = {
  posix: ({ path }) => posixBackupDriver({ root: path }),
} as const satisfies Record<BackupRepository['driver'], (repository: BackupRepository) => BackupDriver>;

export function openBackupDrivers(repositories: readonly BackupRepository[]): BackupDrivers {
  const drivers = repositories.map((repository) => DRIVERS[repository.driver](repository));
  return {
    driverFor: (service) => {
      const driver = drivers.find((candidate) => candidate.serves(service));
      if (driver) return driver;
      const configured = repositories.map(({ driver: kind, path }) => `${kind} at ${path}`).join(', ');
      throw new Refusal(
        'BackupUnreadable',
        `No repository here serves backups of ${service} (configured: ${configured || 'none'}).`,
      );
    },
  };
}
