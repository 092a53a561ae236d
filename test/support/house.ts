import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { pino } from 'pino';
import { retryRequestOf } from '../../src/domain/retry';
import { temporalWorkflows } from '../../src/runs/volume-workflows';
import type { VolumeWorkflows } from '../../src/runs/volume-workflows';
import type { Catalog } from '../../src/catalog/catalog';
import { connectCatalog } from '../../src/catalog/postgres-catalog';
import { parseConfig } from '../../src/config';
import type { Config } from '../../src/config';
import type { Backup, BackupLink } from '../../src/domain/backup';
import type { CreateVolumeRequest } from '../../src/domain/create-request';
import type { Volume } from '../../src/domain/volume';
import type { BackupDriver } from '../../src/drivers/backup/driver';
import type { VolumeDriver } from '../../src/drivers/volume/driver';
import { openVolumeDrivers } from '../../src/drivers/volume/registry';
import { connectNative, createWorkflowId, extendWorkflowId, restoreWorkflowId } from '../../src/temporal';
import { installRuntime } from '../../src/workers/runtime';
import type { RunningWorkers } from '../../src/workers/start';
import { startWorkers } from '../../src/workers/start';
import { eventually } from './eventually';
import { moversInThisProcess } from './movers';
import { createTestDatabase } from './database';
import type { TestDatabase } from './database';
import type { Fixture, Label } from './fixtures';
import { suiteClient, suiteTemporal, suiteWorkflowBundle } from './temporal';

export const PROJECT = '0123456789abcdef0123456789abcdef';

export interface HouseOptions {
  /** Laid over the configuration of the house. */
  readonly config?: Record<string, unknown>;
  /** Repository of the backups; an empty folder by default. */
  readonly repository?: string;
  /** Names of the pools; each is a folder. */
  readonly pools?: readonly string[];
  /** Copies that each pool takes at once. */
  readonly maxCopies?: number;
  /** A chance to put a fault in front of a driver. */
  readonly aroundDriver?: (driver: VolumeDriver) => VolumeDriver;
  /** Likewise, in front of a repository. */
  readonly aroundRepository?: (driver: BackupDriver) => BackupDriver;
  readonly interceptors?: readonly ActivityInterceptorsFactory[];
  /** A chance to put something between the service and its database. */
  readonly throughDatabase?: (url: string) => string | Promise<string>;
}

export type Role = Config['worker']['roles'][number];

/** The whole service but for HTTP: a database of its own, the suite's Temporal, workers in this process. */
export interface House {
  readonly catalog: Catalog;
  readonly database: TestDatabase;
  readonly client: Client;
  readonly workflows: VolumeWorkflows;
  readonly config: Config;
  readonly poolPath: (pool?: string) => string;
  importChain(fixture: Fixture, label?: Label): Promise<string>;
  /** Leaf first. Answers the leaf's id. */
  importLinks(links: readonly BackupLink[]): Promise<string>;
  /** Asks as the API does; answers the volume's id once the request is accepted. */
  create(request: Partial<CreateVolumeRequest>): Promise<string>;
  /** Asks as the API does, for a restore into a volume that is there. Answers the request's id. */
  restore(volumeId: string, backupId: string): Promise<string>;
  /** Asks as the API does, on `os-extend`. Answers the request's id. */
  extend(volumeId: string, newSizeGib: number): Promise<string>;
  /** Asks as the API does, on `rekindle-retry`. */
  retry(volumeId: string): Promise<void>;
  remove(volumeId: string): Promise<void>;
  /** The volume once it is no longer `creating`, `restoring-backup` or `extending`. */
  settled(volumeId: string): Promise<Volume>;
  /** The run that creates the volume, once it is over; how it closed. */
  closed(volumeId: string): Promise<string>;
  /** The run that restores into the volume, likewise. */
  restoreClosed(volumeId: string): Promise<string>;
  /** The run that extends the volume, likewise. */
  extensionClosed(volumeId: string): Promise<string>;
  volume(volumeId: string): Promise<Volume | null>;
  backup(backupId: string): Promise<Backup | null>;
  /** Files in all pools. */
  files(): string[];
  /** Those that hold a volume: not the driver's own notes beside it. */
  volumes(): string[];
  /** The workers of one role; both run from the start. */
  stopWorkers(role: Role): Promise<void>;
  startWorkers(role: Role): Promise<void>;
  stop(): Promise<void>;
}

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-house-'));
  const pools = options.pools ?? ['default'];
  const poolPath = (pool = 'default'): string => path.join(folder, 'pools', pool);
  for (const pool of pools) mkdirSync(poolPath(pool), { recursive: true });
  const database = await createTestDatabase();
  const config = parseConfig({
    logLevel: 'silent',
    host: `host-${randomUUID().slice(0, 8)}`,
    backends: [
      {
        name: 'file',
        driver: 'file',
        pools: pools.map((name) => ({ name, path: poolPath(name), maxCopies: options.maxCopies })),
      },
    ],
    repositories: [{ driver: 'posix', path: options.repository ?? path.join(folder, 'backups') }],
    quota: { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1 },
    restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
    worker: { reportEveryMs: 500, reconcileEveryMs: null },
    temporal: suiteTemporal(),
    ...options.config,
  });
  const log = pino({ level: process.env['REKINDLE_TEST_LOG'] ?? 'silent' });
  const catalog = await connectCatalog({
    url: (await options.throughDatabase?.(database.url)) ?? database.url,
    backupLock: config.database.backupLock,
    quotaDefaults: config.quota,
    log,
  });
  quietRuntime();
  const client = await suiteClient();
  const connection = await connectNative(suiteTemporal());
  const workflows = temporalWorkflows(client, 20_000);
  const around = options.aroundDriver ?? ((driver) => driver);
  const running = new Map<Role, RunningWorkers>();

  const house: House = {
    catalog,
    database,
    client,
    workflows,
    config,
    poolPath,
    importChain: (fixture, label = 'inc3') => importLinks(catalog, fixture.links(label)),
    importLinks: (links) => importLinks(catalog, links),
    create: async (request) => {
      const volumeId = request.volumeId ?? randomUUID();
      const expiresAt = new Date((await catalog.now()).getTime() + 20_000).toISOString();
      await workflows.create({
        projectId: PROJECT,
        userId: 'tester',
        requestId: `req-${volumeId}`,
        sizeGib: null,
        name: null,
        description: null,
        volumeType: null,
        availabilityZone: null,
        metadata: {},
        backupId: null,
        readBack: false,
        expiresAt,
        ...request,
        volumeId,
      });
      return volumeId;
    },
    restore: async (volumeId, backupId) => {
      const requestId = `req-${randomUUID()}`;
      const expiresAt = new Date((await catalog.now()).getTime() + 20_000).toISOString();
      await workflows.restore({ volumeId, backupId, projectId: PROJECT, requestId, expiresAt });
      return requestId;
    },
    extend: async (volumeId, newSizeGib) => {
      const requestId = `req-${randomUUID()}`;
      const expiresAt = new Date((await catalog.now()).getTime() + 20_000).toISOString();
      await workflows.extend({ volumeId, newSizeGib, projectId: PROJECT, requestId, expiresAt });
      return requestId;
    },
    retry: async (volumeId) => {
      const volume = (await house.volume(volumeId))!;
      await workflows.retry(retryRequestOf(volume, volume.backupId!));
    },
    remove: (volumeId) => workflows.remove({ volumeId, projectId: PROJECT, requestId: `req-${randomUUID()}` }),
    settled: (volumeId) =>
      eventually(async () => {
        const volume = await catalog.findVolume(volumeId, 'all-projects');
        return volume && !['creating', 'restoring-backup', 'extending'].includes(volume.status) ? volume : null;
      }),
    closed: (volumeId) => closed(client, createWorkflowId(volumeId)),
    restoreClosed: (volumeId) => closed(client, restoreWorkflowId(volumeId)),
    extensionClosed: (volumeId) => closed(client, extendWorkflowId(volumeId)),
    volume: (volumeId) => catalog.findVolume(volumeId, 'all-projects'),
    backup: (backupId) => catalog.findBackup(backupId, 'all-projects'),
    files: () => pools.flatMap((pool) => readdirSync(poolPath(pool))),
    volumes: () => house.files().filter((name) => !name.endsWith('.lock')),
    stopWorkers: async (role) => {
      await running.get(role)?.stop();
      running.delete(role);
    },
    startWorkers: async (role) => {
      const workers = await startWorkers({
        config: { ...config, worker: { ...config.worker, roles: [role] } },
        catalog,
        client,
        connection,
        bundlePath: suiteWorkflowBundle(),
        volumeDrivers: new Map([...openVolumeDrivers(config)].map(([name, driver]) => [name, around(driver)])),
        movers: moversInThisProcess(config, around, options.aroundRepository),
        interceptors: options.interceptors ?? [],
        log,
      });
      running.set(role, workers);
    },
    stop: async () => {
      await Promise.all([house.stopWorkers('control'), house.stopWorkers('data')]);
      await connection.close();
      await client.connection.close();
      await catalog.close();
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
  await Promise.all([house.startWorkers('control'), house.startWorkers('data')]);
  return house;
}

async function closed(client: Client, workflowId: string): Promise<string> {
  const handle = client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
}

let installed = false;

/** The SDK's log lines are for operators; `REKINDLE_TEST_LOG=info` shows them. Once for each test file. */
function quietRuntime(): void {
  if (installed) return;
  installRuntime(pino({ level: process.env['REKINDLE_TEST_LOG'] ?? 'silent' }));
  installed = true;
}

export async function importLinks(catalog: Catalog, links: readonly BackupLink[]): Promise<string> {
  for (const link of [...links].reverse()) {
    if (await catalog.findBackup(link.id, 'all-projects')) continue;
    await catalog.importBackup({
      ...link,
      projectId: PROJECT,
      userId: 'tester',
      name: null,
      description: null,
      snapshotId: null,
      availabilityZone: null,
      host: null,
      encryptionKeyId: null,
      metadata: {},
      dataTimestamp: null,
      createdAt: new Date(),
    });
  }
  return links[0]!.id;
}
