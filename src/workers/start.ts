import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory, NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { DataHouse } from '../../activities/house';
import { settleDebts } from '../../activities/owe-removal';
import type { Catalog } from '../catalog/catalog';
import type { Config } from '../config';
import { Bandwidth } from '../copy/bandwidth';
import { openBackupDrivers } from '../drivers/backup/registry';
import type { VolumeDriver } from '../drivers/volume/driver';
import { backendOf } from '../domain/pool';
import type { ServiceReport } from '../domain/service-report';
import type { Movers } from '../mover/mover';
import { poolCallsHere } from '../mover/pool-calls';
import type { PoolCalls } from '../mover/pool-calls';
import { copyQueue, planQueue, poolQueue, REPOSITORY_QUEUE } from '../temporal';
import { temporalWorkflows } from '../runs/volume-workflows';
import { createControlWorker } from './control-worker';
import { createDataWorkers, createRepositoryWorker } from './data-worker';
import { startReconciliation } from './reconciliation';
import type { Reconciliation } from './reconciliation';
import { startOrphanWatch } from './orphan-watch';
import { startPoolReporter } from './pool-reporter';
import { startRegularReport } from './regular-report';
import type { RegularReport } from './regular-report';
import { temporalRuns } from '../runs/other-runs';

export interface WorkerParts {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly client: Client;
  readonly connection: NativeConnection;
  /** Path of the workflow bundle. */
  readonly bundlePath: string;
  /** By `host@backend`. */
  readonly volumeDrivers: ReadonlyMap<string, VolumeDriver>;
  readonly movers: Movers;
  /** Default: in this process, which a successor can't fence. */
  readonly poolCalls?: PoolCalls;
  /** Around every step, inside of what makes refusals final. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[];
  readonly log: Logger;
}

export interface RunningWorkers {
  /** Rejects if a worker dies by itself. */
  readonly failed: Promise<never>;
  /** Lets short steps end, tells copies to leave, and waits for them. */
  stop(): Promise<void>;
}

/** Builds the house and starts the workers of the configured roles. Returns once they poll and the pools are reported. */
export async function startWorkers(parts: WorkerParts): Promise<RunningWorkers> {
  const { roles } = parts.config.worker;
  const workers: Worker[] = [];
  if (roles.includes('control')) workers.push(await controlWorker(parts));
  const reconciliation = await reconciliationOf(parts);
  const reporters: RegularReport[] = [];
  if (roles.includes('data')) {
    const house = dataHouse(parts);
    workers.push(await repositoryWorker(parts, house));
    for (const [backend, driver] of parts.volumeDrivers) {
      workers.push(...(await dataWorkers(parts, house, backend)));
      reporters.push(await reporterOf(parts, house, { backend, driver }));
      reporters.push(...orphanWatchOf(parts, { backend, driver }));
    }
  }
  reporters.push(await serviceReporter(parts));
  const runs = workers.map((worker) => worker.run());
  return {
    failed: Promise.race(runs.map((run) => run.then(never))),
    stop: async () => {
      await Promise.all([reconciliation?.stop(), ...reporters.map((reporter) => reporter.stop())]);
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      // One that died has said so through `failed`; the others are still to be waited for.
      await Promise.allSettled(runs);
    },
  };
}

/** How long a run that the reconciler begins may take to be accepted. */
const ACCEPT_TIMEOUT_MS = 20_000;

async function reconciliationOf({ config, client, log }: WorkerParts): Promise<Reconciliation | null> {
  const { roles, reconcileEveryMs } = config.worker;
  if (!roles.includes('control') || reconcileEveryMs === null) return null;
  return startReconciliation({ client, everyMs: reconcileEveryMs, log });
}

function controlWorker(parts: WorkerParts): Promise<Worker> {
  const { config, catalog, client, connection, bundlePath, interceptors = [] } = parts;
  return createControlWorker({
    connection,
    interceptors,
    namespace: config.temporal.namespace,
    bundlePath,
    house: {
      catalog,
      runs: temporalRuns(client, temporalWorkflows(client, ACCEPT_TIMEOUT_MS)),
      queuesOf,
      repositoryQueue: REPOSITORY_QUEUE,
      settings: {
        defaults: { volumeType: config.defaultVolumeType, availabilityZone: config.availabilityZone },
        giveUpAfterMs: config.restore.giveUpAfterMs,
        heartbeatTimeoutMs: config.restore.heartbeatTimeoutMs,
        retryAfterMs: config.restore.retryAfterMs,
        callTimeoutMs: config.worker.callTimeoutMs,
        retryGraceMs: config.restore.retryGraceHours * 3_600_000,
        reportMaxAgeMs: config.worker.reportMaxAgeMs,
      },
    },
  });
}

function queuesOf(poolName: string) {
  const backend = backendOf(poolName);
  return { poolQueue: poolQueue(backend), copyQueue: copyQueue(poolName), planQueue: planQueue(backend) };
}

function dataHouse({ config, catalog, volumeDrivers, movers, poolCalls }: WorkerParts): DataHouse {
  const repositories = openBackupDrivers(config.repositories);
  return {
    catalog,
    movers,
    bandwidth: new Bandwidth(config.worker.bytesPerSecond),
    newBandwidth: (bytesPerSecond) => new Bandwidth(bytesPerSecond),
    poolCalls: poolCalls ?? poolCallsHere(volumeDrivers),
    backupDriverOf: (service) => repositories.driverFor(service),
    settings: config.restore,
  };
}

function repositoryWorker({ config, connection, interceptors = [] }: WorkerParts, house: DataHouse): Promise<Worker> {
  const { namespace } = config.temporal;
  const { heartbeatThrottleMs } = config.restore;
  return createRepositoryWorker({ connection, namespace, heartbeatThrottleMs, interceptors, house });
}

function dataWorkers(parts: WorkerParts, house: DataHouse, backend: string): Promise<Worker[]> {
  const { config, connection, interceptors = [] } = parts;
  const configured = config.backends.find(({ name }) => `${config.host}@${name}` === backend);
  return createDataWorkers({
    connection,
    namespace: config.temporal.namespace,
    backend,
    pools: (configured?.pools ?? []).map(({ name, maxCopies }) => ({ poolName: `${backend}#${name}`, maxCopies })),
    heartbeatThrottleMs: config.restore.heartbeatThrottleMs,
    interceptors,
    house,
  });
}

function reporterOf(
  { config, catalog, log }: WorkerParts,
  house: DataHouse,
  { backend, driver }: { backend: string; driver: VolumeDriver },
) {
  return startPoolReporter({
    catalog,
    driver,
    everyMs: config.worker.reportEveryMs,
    settleDebts: () => settleDebts(house, backend),
    log: log.child({ backend }),
  });
}

function orphanWatchOf(
  { config, catalog, log }: WorkerParts,
  { backend, driver }: { backend: string; driver: VolumeDriver },
): RegularReport[] {
  const { lookForOrphansEveryMs: everyMs, orphanGraceHours } = config.worker;
  if (everyMs === null) return [];
  const graceMs = orphanGraceHours * 3_600_000;
  return [startOrphanWatch({ catalog, driver, everyMs, graceMs, log: log.child({ backend }) })];
}

/** That this process works, on a line for each thing that it does. */
function serviceReporter({ config, catalog, volumeDrivers, log }: WorkerParts): Promise<RegularReport> {
  const { host, availabilityZone } = config;
  const { roles, reportEveryMs } = config.worker;
  const services: ServiceReport[] = [];
  if (roles.includes('control')) services.push({ binary: 'cinder-scheduler', host, availabilityZone });
  if (roles.includes('data')) {
    services.push({ binary: 'cinder-backup', host, availabilityZone });
    for (const backend of volumeDrivers.keys()) {
      services.push({ binary: 'cinder-volume', host: backend, availabilityZone });
    }
  }
  const report = (): Promise<void> => catalog.reportServices(services);
  return startRegularReport({ report, everyMs: reportEveryMs, what: 'the services', log });
}

/** A worker that was told to stop has not failed. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
