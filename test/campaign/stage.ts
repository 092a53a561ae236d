import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { connectCatalog } from '../../src/catalog/postgres-catalog';
import { freePort } from '../../src/local/free-port';
import { importLinks, PROJECT } from '../support/house';
import { connectClient } from '../../src/temporal';
import { writeBackups } from './backups';
import type { CampaignBackup } from './backups';
import { play } from './cast';
import type { Actor } from './cast';
import { clocksIn } from './clocks';
import type { Clock } from './clocks';
import { databaseServer, temporalServer } from './servers';
import type { DatabaseServer, TemporalServer } from './servers';
import { wireTo } from './wire';

/** After so long without a sign of life a copy is taken for dead. */
export const HEARTBEAT_TIMEOUT_MS = 3_000;
export const HOST = 'host1';
/** The backend whose file system is made full. */
export const TINY = 'tiny';
const TINY_MIB = 96;

/** The whole service as processes, the servers that it needs, and a way past all wires to look at what is true. */
export interface Stage {
  readonly folder: string;
  readonly backups: readonly CampaignBackup[];
  readonly database: DatabaseServer;
  readonly temporal: TemporalServer;
  readonly actors: readonly Actor[];
  readonly apis: readonly Actor[];
  readonly repository: string;
  /** Folders of the pools by `host@backend#pool`. */
  readonly pools: ReadonlyMap<string, string>;
  /** Folder of a small file system of its own; null, with the reason, where none can be made. */
  readonly tiny: { readonly folder: string } | { readonly folder: null; readonly because: string };
  /** PostgreSQL's; null where clocks can't be set. */
  readonly databaseClock: Clock | null;
  /** Of Temporal, past all wires. */
  client(): Promise<Client>;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly length: 'short' | 'long';
  readonly seed: number;
}

export async function setStage({ length, seed }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-campaign-'));
  const repository = path.join(folder, 'backups');
  const tiny = mountTiny(path.join(folder, TINY));
  const pools = new Map([[`${HOST}@file#default`, path.join(folder, 'pool')]]);
  if (tiny.folder !== null) pools.set(`${HOST}@${TINY}#default`, tiny.folder);
  mkdirSync(path.join(folder, 'pool'));
  // The short campaign is the same on every machine.
  const clockOf = (length === 'long' ? clocksIn(folder) : null) ?? (() => null);
  const databaseClock = clockOf('postgres');
  const [database, temporal, backups] = await Promise.all([
    databaseServer(folder, databaseClock),
    temporalServer(folder),
    writeBackups(repository, length, seed),
  ]);
  await importBackups(database.url, backups);
  const stage = { folder, repository, tiny, pools, database, databaseClock, temporal, backups };
  const actors = await playAll(stage, clockOf);
  return {
    ...stage,
    actors,
    apis: actors.filter(({ kind }) => kind === 'api'),
    client: () => connectClient({ address: `127.0.0.1:${temporal.port}`, namespace: temporal.namespace }),
    stop: async () => {
      await Promise.all(actors.map((actor) => actor.stop()));
      await Promise.all([database.stop(), temporal.stop()]);
      await Promise.all(actors.flatMap(({ wires }) => [wires.database.close(), wires.temporal.close()]));
      if (tiny.folder !== null) execFileSync('umount', [tiny.folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

type Unplayed = Pick<Stage, 'folder' | 'repository' | 'tiny' | 'pools' | 'database' | 'temporal'>;

const CAST = [
  ['api-1', 'api'],
  ['api-2', 'api'],
  ['control-1', 'control'],
  ['control-2', 'control'],
  ['data-1', 'data'],
  ['data-2', 'data'],
] as const;

async function playAll(stage: Unplayed, clockOf: (name: string) => Clock | null): Promise<Actor[]> {
  const actors: Actor[] = [];
  for (const [name, kind] of CAST) {
    const wires = { database: await wireTo(stage.database.port), temporal: await wireTo(stage.temporal.port) };
    const apiPort = await freePort();
    const config = configOf(stage, { kind, wires, apiPort });
    actors.push(play(stage.folder, { name, kind, wires, apiPort, config, clock: clockOf(name) }));
  }
  return actors;
}

function configOf(
  { repository, pools, database, temporal }: Unplayed,
  { kind, wires, apiPort }: Pick<Actor, 'kind' | 'wires'> & { readonly apiPort: number },
): object {
  const url = new URL(database.url);
  url.port = `${wires.database.port}`;
  return {
    host: HOST,
    logLevel: 'info',
    api: { port: apiPort },
    database: { url: url.href, backupLock: 'shared' },
    temporal: { address: `127.0.0.1:${wires.temporal.port}`, namespace: temporal.namespace },
    backends: [...pools].map(([name, folder]) => ({
      name: name.replace(/^.*@|#.*$/g, ''),
      driver: 'file',
      pools: [{ path: folder, ...(folder.endsWith(TINY) && { maxOverSubscriptionRatio: 1_000 }) }],
    })),
    volumeTypes: [
      { name: 'file', extraSpecs: { volume_backend_name: 'file' } },
      { name: TINY, extraSpecs: { volume_backend_name: TINY } },
    ],
    repositories: [{ driver: 'posix', path: repository }],
    quota: { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1 },
    restore: { heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, heartbeatThrottleMs: 500, giveUpAfterMs: 120_000 },
    worker: {
      roles: [kind === 'api' ? 'control' : kind],
      reportEveryMs: 1_000,
      reportMaxAgeMs: 20_000,
      reconcileEveryMs: 5_000,
      readersPerCopy: 1,
    },
  };
}

async function importBackups(url: string, backups: readonly CampaignBackup[]): Promise<void> {
  const catalog = await connectCatalog({ url, backupLock: 'shared', log: pino({ level: 'silent' }) });
  await catalog.setQuota(PROJECT, { backups: -1, backupGigabytes: -1 });
  for (const { links } of backups) await importLinks(catalog, links);
  await catalog.close();
}

function mountTiny(folder: string): Stage['tiny'] {
  if (process.getuid?.() !== 0) return { folder: null, because: 'only root may mount a small file system' };
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${TINY_MIB}m`, 'rekindle-campaign', folder], { stdio: 'pipe' });
    return { folder };
  } catch (error) {
    return { folder: null, because: `a small file system can't be mounted: ${String(error)}` };
  }
}

/** Whether the repository is where it should be. */
export function repositoryIsThere({ repository }: Pick<Stage, 'repository'>): boolean {
  return existsSync(repository);
}
