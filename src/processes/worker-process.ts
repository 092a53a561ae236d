import type { Logger } from 'pino';
import type { Config } from '../config';
import { openVolumeDrivers } from '../drivers/volume/registry';
import { connectClient, connectNative, registerSearchAttributes } from '../temporal';
import { installRuntime } from '../workers/runtime';
import { startWorkers } from '../workers/start';
import { bundlePath, openCatalog, startMovers, temporalTarget } from './parts';
import type { Running } from './run-until-stopped';
import { startTogether } from './started-parts';

/** A worker: workflows and catalog steps (role `control`), the copies of its backends (role `data`), or both. */
export function startWorkerProcess(config: Config, log: Logger): Promise<Running> {
  return startTogether(log, async (parts) => {
    installRuntime(log);
    const target = temporalTarget(config);
    const catalog = await openCatalog(config, log);
    parts.add('catalog', () => catalog.close());
    await catalog.declareVolumeTypes(config.volumeTypes);
    const client = await connectClient(target);
    parts.add('Temporal client', () => client.connection.close());
    await registerSearchAttributes(client.connection, target.namespace);
    const connection = await connectNative(target);
    parts.add('connection of the workers', () => connection.close());
    const volumeDrivers = openVolumeDrivers(config);
    const movers = startMovers(config);
    parts.add('movers', () => movers.stop());
    const workers = await startWorkers({
      config,
      catalog,
      client,
      connection,
      bundlePath: bundlePath(),
      volumeDrivers,
      movers,
      poolCalls: movers.poolCalls,
      log,
    });
    parts.add('workers', () => workers.stop());
    log.info({ roles: config.worker.roles, backends: [...volumeDrivers.keys()] }, 'the worker is ready');
    return { failed: workers.failed };
  });
}
