import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../src/local/free-port';
import { startPostgres } from '../../src/local/postgres';
import type { PostgresOptions } from '../../src/local/postgres';
import { findTemporalCli } from '../../src/local/temporal-cli';
import { readTemporalDevFile } from '../../src/local/temporal-dev-file';
import { startTemporal } from '../../src/local/temporal-server';
import type { Clock } from './clocks';
import type { TemporalOptions } from '../../src/local/temporal-server';

/** A server that can be killed and comes back with all it had written, on the same port. */
export interface Server {
  readonly port: number;
  pid(): number;
  /** SIGKILL. */
  kill(): void;
  /** After a death: starts it again. Returns when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface DatabaseServer extends Server {
  /** With the port of the server itself, past any wire. */
  readonly url: string;
}

/** PostgreSQL with a database of its own for the campaign. It writes as in production: a commit is on the disk. */
export async function databaseServer(folder: string, clock: Clock | null): Promise<DatabaseServer> {
  await chmod(folder, 0o755);
  const port = await freePort();
  const options: PostgresOptions = {
    folder: path.join(folder, 'postgres'),
    cacheFolder: path.join(folder, 'cache'),
    port,
    settings: { max_connections: '200' },
    env: clock?.env,
    log: () => undefined,
  };
  const first = await startPostgres(options);
  const url = await first.createDatabase('campaign');
  return { ...(await restartable(first, () => startPostgres(options))), port, url };
}

export interface TemporalServer extends Server {
  readonly namespace: string;
}

/** The development server on its file. */
export async function temporalServer(folder: string): Promise<TemporalServer> {
  const file = await readTemporalDevFile();
  const explicitPath = process.env['REKINDLE_TEMPORAL_CLI'];
  const cli = await findTemporalCli({ explicitPath, version: file.version, env: process.env, log: console.log });
  const own = path.join(folder, 'temporal');
  await mkdir(own, { recursive: true });
  const port = await freePort();
  const options: TemporalOptions = { folder: own, cli: cli.path, file, headless: true, port };
  const first = await startTemporal(options);
  return { ...(await restartable(first, () => startTemporal(options))), port, namespace: file.namespace };
}

async function restartable(first: Running, start: () => Promise<Running>): Promise<Omit<Server, 'port'>> {
  let running = first;
  return {
    pid: () => running.pid,
    kill: () => process.kill(running.pid, 'SIGKILL'),
    restart: async () => {
      // Its folder is ours still, and only we may start it there.
      await running.stop();
      running = await start();
    },
    stop: () => running.stop(),
  };
}
