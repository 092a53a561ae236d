import type { Logger } from 'pino';
import type { Config } from '../config';
import { openBackupDrivers } from '../drivers/backup/registry';
import { openVolumeDrivers } from '../drivers/volume/registry';
import { connectClient, connectNative, registerSearchAttributes } from '../temporal';
import { installRuntime } from '../workers/runtime';
import { startWorkers } from '../workers/start';
import { bundlePath, openCatalog, temporalTarget } from './parts';
import type { Running } from './run-until-stopped';

/** A worker: workflows and catalog steps (role `control`), the copies of its backends (role `data`), or both. */
export async function startWorkerProcess(config: Config, log: Logger): Promise<Running> {
  installRuntime(log);
  const target = temporalTarget(config);
  const catalog = await openCatalog(config, log);
  await catalog.declareVolumeTypes(config.volumeTypes);
  const client = await connectClient(target);
  await registerSearchAttributes(client.connection, target.namespace);
  const connection = await connectNative(target);
  const volumeDrivers = openVolumeDrivers(config);
  const repositories = openBackupDrivers(config.repositories);
  const workers = await startWorkers({
    config,
    catalog,
    client,
    connection,
    bundlePath: bundlePath(),
    volumeDrivers,
    backupDriverOf: (service) => repositories.driverFor(service),
    log,
  });
  log.info({ roles: config.worker.roles, backends: [...volumeDrivers.keys()] }, 'the worker is ready');
  return {
    failed: workers.failed,
    stop: async () => {
      await workers.stop();
      await connection.close();
      await client.connection.close();
      await catalog.close();
    },
  };
}
