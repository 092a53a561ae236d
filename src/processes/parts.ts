import { join } from 'node:path';
import type { Logger } from 'pino';
import { connectCatalog } from '../catalog/postgres-catalog';
import type { Catalog } from '../catalog/catalog';
import { ConfigError, readEnvironment } from '../config';
import type { Config } from '../config';
import { projectFolder } from '../local/project-folder';
import { moverPool } from '../mover/mover-pool';
import type { MoverPool } from '../mover/mover-pool';
import type { TemporalTarget } from '../temporal';

/** Where `npm run build` puts the workflow bundle. */
export function bundlePath(): string {
  return join(projectFolder(), 'dist', 'workflow-bundle.js');
}

/** The movers of this machine's backends and repositories. */
export function startMovers(config: Config, entry = join(projectFolder(), 'dist', 'src', 'mover.js')): MoverPool {
  const { host, availabilityZone, backends, repositories, worker, restore } = config;
  return moverPool({
    entry,
    env: readEnvironment(),
    memoryMib: worker.copyMemoryMib,
    settings: {
      host,
      availabilityZone,
      backends,
      repositories,
      allowUnverified: restore.allowUnverified,
      readers: worker.readersPerCopy,
    },
  });
}

export function openCatalog(config: Config, log: Logger): Promise<Catalog> {
  const { url, backupLock } = config.database;
  if (url === undefined) {
    throw new ConfigError(
      'No database is configured: set REKINDLE_DATABASE_URL, or database.url in the configuration file.',
    );
  }
  return connectCatalog({ url, backupLock, quotaDefaults: config.quota, log });
}

export function temporalTarget(config: Config): TemporalTarget {
  return {
    address: config.temporal.address ?? `127.0.0.1:${config.temporal.port}`,
    namespace: config.temporal.namespace,
  };
}

/** A process none of whose parts dies by itself. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
