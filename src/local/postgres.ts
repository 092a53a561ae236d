import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { claimFolder } from './folder-claim';
import { claimPort } from './free-port';
import { postgresAccount } from './postgres-account';
import { postgresBinaries } from './postgres-binaries';
import { existingCluster, openCluster, POSTGRES_ENV } from './postgres-cluster';
import type { Cluster } from './postgres-cluster';
import { identifyProcess, isAlive, processesIn, workingFolderOf } from './process-identity';
import type { ProcessIdentity } from './process-identity';
import { launchServer, stopProcess, whenReady } from './server-process';
import type { Account } from './server-process';

/** Root's copy of the binaries: below root's home nobody else could run them. */
const SHARED_CACHE = '/var/cache/rekindle';

export interface PostgresOptions {
  /** Everything the server keeps lies here (or is linked from here); made if absent. One process at a time may hold it. */
  readonly folder: string;
  /** Default: a free one. An adopted server keeps the port it has. */
  readonly port?: number;
  /** For copies of the binaries where those of the package can't be used. As root, /var/cache/rekindle is used instead. */
  readonly cacheFolder: string;
  /** Server settings (`postgresql.conf` names) for this start. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the server's process, besides what its programs always get. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export interface LocalPostgres {
  /** The superuser's URL of the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Whether the server ran already: the process that had started it was killed. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Adds a database if there is none of the name; answers its URL. */
  createDatabase(name: string): Promise<string>;
  /** A fast shutdown: open transactions are rolled back, connections closed. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a folder on 127.0.0.1, or adopts it if it still runs. Resolves when it accepts connections.
 * @throws Error if another living process holds the folder, or, with the end of the server's log, if it can't start
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const claim = await claimFolder(options.folder);
  try {
    const account = await postgresAccount();
    const binaries = await postgresBinaries(account, account ? SHARED_CACHE : options.cacheFolder);
    const cluster = await openCluster({ ...options, account, binaries });
    const logFile = join(options.folder, 'postgres.log');
    const running = await findRunning(cluster, logFile);
    const { server, port } =
      running ?? (await launch({ cluster, account, options, logFile, command: binaries.postgres }));
    const url = urlOf(cluster, port, 'postgres');
    return {
      url,
      port,
      adopted: running !== null,
      pid: server.pid,
      createDatabase: (name) => createDatabase(url, name).then(() => urlOf(cluster, port, name)),
      stop: async () => {
        await stopProcess(server, { signal: 'SIGINT', lastResort: 'SIGQUIT', graceMs: 30_000 });
        await claim.release();
      },
    };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

/**
 * The URL of a database on the server that runs in a folder, whoever has started it and holds it; null if none runs there. Starts
 * and stops nothing.
 */
export async function runningPostgres(folder: string, database: string): Promise<string | null> {
  const dataDirectory = await realpath(join(folder, 'cluster')).catch(() => null);
  if (dataDirectory === null) return null;
  const cluster = await existingCluster(dataDirectory);
  const { pid, port } = await readLockFile(cluster);
  if (!(pid > 0) || (await workingFolderOf(pid).catch(() => null)) !== dataDirectory) return null;
  const url = urlOf(cluster, port, database);
  await connectOnce(url);
  return url;
}

interface RunningServer {
  readonly server: ProcessIdentity;
  readonly port: number;
}

interface Launch {
  readonly cluster: Cluster;
  readonly account: Account;
  readonly options: PostgresOptions;
  readonly command: string;
  readonly logFile: string;
}

async function launch({ cluster, account, options, command, logFile }: Launch): Promise<RunningServer> {
  const port = await claimPort(options.port);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', cluster.dataDirectory, ...flags];
  const server = await launchServer({ command, args, env: { ...POSTGRES_ENV, ...options.env }, logFile, account });
  await whenAccepting({ server, port }, cluster, logFile);
  return { server, port };
}

async function whenAccepting({ server, port }: RunningServer, cluster: Cluster, logFile: string): Promise<void> {
  const probe = () => connectOnce(urlOf(cluster, port, 'postgres'));
  // Recovery after a crash may take long, and refuses connections until it is done.
  await whenReady({ name: 'PostgreSQL', process: server, logFile, timeoutMs: 120_000, probe });
}

async function readLockFile({ dataDirectory }: Cluster) {
  const lockFile = join(dataDirectory, 'postmaster.pid');
  const lines = (await readFile(lockFile, 'utf8').catch(() => '')).split('\n');
  // postmaster.pid (src/include/utils/pidfile.h): line 1 is the pid, line 4 the port.
  return { lockFile, pid: Number(lines[0]), port: Number(lines[3]) };
}

/** The server of this cluster if one runs and answers; one that is shutting down is waited for. */
async function findRunning(cluster: Cluster, logFile: string): Promise<RunningServer | null> {
  const { lockFile, pid, port } = await readLockFile(cluster);
  const server = pid > 0 ? await identifyProcess(pid) : null;
  if (server && (await workingFolderOf(pid)) === cluster.dataDirectory) {
    try {
      await whenAccepting({ server, port }, cluster, logFile);
      return { server, port };
    } catch (error) {
      // It was shutting down when we came.
      if (await isAlive(server)) throw error;
    }
  }
  await clearLock(cluster, lockFile);
  return null;
}

/**
 * PostgreSQL clears the lock file of a dead server itself, but refuses to start when the pid in it is now that of somebody
 * else. Without any process left in the data directory (also no orphan of a killed server) the file says nothing.
 */
async function clearLock(cluster: Cluster, lockFile: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while ((await processesIn(cluster.dataDirectory)).length > 0) {
    if (performance.now() > deadline)
      throw new Error(`Processes of a killed PostgreSQL still run in ${cluster.dataDirectory}`);
    await sleep(20);
  }
  await rm(lockFile, { force: true });
}

async function createDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
  });
}

async function connectOnce(url: string): Promise<void> {
  await withClient(url, async (client) => client.query('SELECT 1'));
}

async function withClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://${cluster.user}:${cluster.password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}
