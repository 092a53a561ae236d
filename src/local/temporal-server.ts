import { homedir } from 'node:os';
import { once } from 'node:events';
import { mkdir, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../temporal';
import { claimFolder } from './folder-claim';
import { claimPort } from './free-port';
import { commandLineOf, identifyProcess, processesIn } from './process-identity';
import type { ProcessIdentity } from './process-identity';
import { launchServer, stopProcess, whenReady } from './server-process';
import type { TemporalDevFile } from './temporal-dev-file';
import { localArguments } from './temporal-dev-file';

export interface TemporalOptions {
  /** Everything the server keeps lies here; made if absent. One process at a time may hold it. */
  readonly folder: string;
  /** Path of the Temporal CLI. */
  readonly cli: string;
  readonly file: TemporalDevFile;
  /** Default: a free one, or that of the server that still runs. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Without the UI; `uiPort` is then ignored. */
  readonly headless?: boolean;
}

export interface LocalTemporal {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly uiUrl: string | null;
  readonly namespace: string;
  /** Whether the server ran already: the process that had started it was killed. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Idempotent. */
  stop(): Promise<void>;
}

const STOP = { signal: 'SIGTERM', lastResort: 'SIGKILL', graceMs: 15_000 } as const;

/**
 * Starts the Temporal development server of a folder on 127.0.0.1, or adopts it if it still runs with the same flags.
 * Resolves when the namespace answers and has our search attributes.
 * @throws Error if another living process holds the folder, or, with the end of the server's log, if it can't start
 */
export async function startTemporal(options: TemporalOptions): Promise<LocalTemporal> {
  await mkdir(options.folder, { recursive: true });
  const claim = await claimFolder(options.folder);
  try {
    const folder = await realpath(options.folder);
    const { server, port, uiPort, adopted } = (await adopt(folder, options)) ?? (await launch(folder, options));
    const address = `127.0.0.1:${port}`;
    const { namespace } = options.file;
    const waiting = {
      name: 'The Temporal development server',
      process: server,
      logFile: logFileOf(folder),
      timeoutMs: 60_000,
    };
    await whenReady({ ...waiting, probe: () => prepareNamespace(port, uiPort, namespace) });
    return {
      address,
      uiUrl: uiPort === null ? null : `http://127.0.0.1:${uiPort}`,
      namespace,
      adopted,
      pid: server.pid,
      stop: async () => {
        await stopProcess(server, STOP);
        await claim.release();
      },
    };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

interface RunningServer {
  readonly server: ProcessIdentity;
  readonly port: number;
  readonly uiPort: number | null;
  readonly adopted: boolean;
}

function logFileOf(folder: string): string {
  return join(folder, 'temporal.log');
}

function commandLine(
  folder: string,
  options: TemporalOptions,
  ports: { port: number; uiPort: number | null },
): string[] {
  return [options.cli, ...localArguments(options.file, { databaseFile: join(folder, 'temporal.db'), ...ports })];
}

async function launch(folder: string, options: TemporalOptions): Promise<RunningServer> {
  const port = await claimPort(options.port);
  const uiPort = options.headless ? null : await claimPort(options.uiPort);
  const [command = options.cli, ...args] = commandLine(folder, options, { port, uiPort });
  // None of our environment: the CLI would take TEMPORAL_* from it.
  const env = { HOME: homedir(), PATH: '/usr/local/bin:/usr/bin:/bin' };
  const server = await launchServer({
    command,
    args,
    env,
    logFile: logFileOf(folder),
    account: null,
    workingFolder: folder,
  });
  return { server, port, uiPort, adopted: false };
}

/**
 * Our servers stand in their folder, so that one left by a killed process is found without a file that could be out of
 * date. One with other flags (another version, other settings) is stopped: two can't share the database file.
 */
async function adopt(folder: string, options: TemporalOptions): Promise<RunningServer | null> {
  for (const pid of await processesIn(folder)) {
    const found = await commandLineOf(pid);
    const server = await identifyProcess(pid);
    if (!server || !found.includes('start-dev')) continue;
    const port = options.port ?? portIn(found, '--port');
    const uiPort = options.headless ? null : (options.uiPort ?? portIn(found, '--ui-port'));
    const wanted = commandLine(folder, options, { port, uiPort });
    if (found.join('\0') === wanted.join('\0')) return { server, port, uiPort, adopted: true };
    await stopProcess(server, STOP);
  }
  return null;
}

function portIn(args: readonly string[], flag: string): number {
  const found = args.find((arg) => arg.startsWith(`${flag}=`));
  return Number(found?.slice(flag.length + 1));
}

async function prepareNamespace(port: number, uiPort: number | null, namespace: string): Promise<void> {
  // gRPC waits a second between its attempts to connect: first see that somebody listens.
  await reach(port);
  if (uiPort !== null) await reach(uiPort);
  const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 5_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
