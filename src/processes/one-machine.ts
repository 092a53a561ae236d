import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { cacheFolder } from '../local/cache-folder';
import { startPostgres } from '../local/postgres';
import { findTemporalCli } from '../local/temporal-cli';
import { readTemporalDevFile } from '../local/temporal-dev-file';
import { startTemporal } from '../local/temporal-server';
import { startApiProcess } from './api-process';
import type { Running } from './run-until-stopped';
import { startTogether } from './started-parts';
import type { StartedParts } from './started-parts';
import { startWorkerProcess } from './worker-process';

export interface OneMachine extends Running {
  readonly apiUrl: string;
  readonly uiUrl: string | null;
  /** The configuration as it runs: with the database, Temporal, and the folders that were filled in. */
  readonly config: Config;
}

export interface OneMachineOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly env: NodeJS.ProcessEnv;
  /** Tells the person who waits what takes so long. */
  readonly say: (line: string) => void;
  /** Ports of Temporal; free ones by default. */
  readonly temporalPorts?: { readonly port: number; readonly uiPort: number };
}

/**
 * Everything in one place: PostgreSQL and Temporal in process groups of their own (unless the configuration names running ones),
 * API and worker in this process. Whatever is already running from this data folder is adopted.
 */
export function startOneMachine(options: OneMachineOptions): Promise<OneMachine> {
  // Stopped in reverse. The API first, so that nobody is accepted any more; the database last, because all others write to it.
  return startTogether(options.log, (parts) => startParts(options, parts));
}

async function startParts(options: OneMachineOptions, parts: StartedParts): Promise<Omit<OneMachine, 'stop'>> {
  const { log, say } = options;
  const dataDir = options.config.dataDir;
  await mkdir(dataDir, { recursive: true });
  const database = await ownDatabase(options, parts);
  const temporal = await ownTemporal(options, parts);
  const config: Config = withDefaults({
    ...options.config,
    database: { ...options.config.database, url: database },
    temporal: { ...options.config.temporal, ...temporal },
  });
  for (const { pools } of config.backends) for (const { path } of pools) await mkdir(path, { recursive: true });
  for (const { path } of config.repositories) await mkdir(path, { recursive: true });
  const worker = await startWorkerProcess(config, log);
  parts.add('worker', () => worker.stop());
  const api = await startApiProcess(config, log);
  parts.add('API', () => api.stop());
  say(`The API answers at ${api.url}`);
  return { config, apiUrl: api.url, uiUrl: config.temporal.uiUrl ?? null, failed: worker.failed };
}

/** One pool and one repository below the data folder, where the configuration has none. */
function withDefaults(config: Config): Config {
  const { dataDir } = config;
  const [backend] = config.backends;
  const pool = {
    name: 'default',
    path: join(dataDir, 'pool'),
    reservedPercentage: 0,
    thinProvisioning: true,
    maxOverSubscriptionRatio: 20,
    maxCopies: 2,
  };
  return {
    ...config,
    host: config.host || hostname(),
    backends: backend ? config.backends : [{ name: 'file', driver: 'file', pools: [pool] }],
    repositories:
      config.repositories.length > 0 ? config.repositories : [{ driver: 'posix', path: join(dataDir, 'backups') }],
  };
}

async function ownDatabase({ config, log, env }: OneMachineOptions, parts: StartedParts): Promise<string> {
  if (config.database.url !== undefined) return config.database.url;
  const postgres = await startPostgres({
    folder: join(config.dataDir, 'postgres'),
    cacheFolder: cacheFolder(env),
    log: (line) => log.info(line),
  });
  parts.add('PostgreSQL', () => postgres.stop());
  log.info({ port: postgres.port, adopted: postgres.adopted }, 'PostgreSQL runs');
  return postgres.createDatabase('rekindle');
}

async function ownTemporal(
  { config, log, env, say, temporalPorts }: OneMachineOptions,
  parts: StartedParts,
): Promise<Partial<Config['temporal']>> {
  if (config.temporal.address !== undefined) return {};
  const file = await readTemporalDevFile();
  const cli = await findTemporalCli({ explicitPath: config.temporal.cli, version: file.version, env, log: say });
  const temporal = await startTemporal({
    folder: join(config.dataDir, 'temporal'),
    cli: cli.path,
    file,
    ...temporalPorts,
  });
  parts.add('Temporal', () => temporal.stop());
  log.info({ address: temporal.address, ui: temporal.uiUrl, adopted: temporal.adopted }, 'Temporal runs');
  return { address: temporal.address, namespace: temporal.namespace, uiUrl: temporal.uiUrl ?? undefined };
}
