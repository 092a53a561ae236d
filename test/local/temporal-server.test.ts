import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { freePort } from '../../src/local/free-port';
import { isAlive, identifyProcess } from '../../src/local/process-identity';
import { launchServer, stopProcess, whenReady } from '../../src/local/server-process';
import type { TemporalDevFile } from '../../src/local/temporal-dev-file';
import { localArguments, readTemporalDevFile } from '../../src/local/temporal-dev-file';
import { findTemporalCli } from '../../src/local/temporal-cli';
import type { LocalTemporal, TemporalOptions } from '../../src/local/temporal-server';
import { startTemporal } from '../../src/local/temporal-server';
import { workflowUrl } from '../../src/temporal';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { runScript } from '../support/child-process';

let folder: string;
let file: TemporalDevFile;
let cli: string;
let running: LocalTemporal[] = [];

beforeAll(async () => {
  file = await readTemporalDevFile();
  const explicitPath = process.env['REKINDLE_TEMPORAL_CLI'];
  cli = (await findTemporalCli({ explicitPath, version: file.version, env: process.env, log: () => undefined })).path;
});

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'rekindle-temporal-')));
});

afterEach(async () => {
  await Promise.all(running.map(async (temporal) => temporal.stop()));
  running = [];
  await rm(folder, { recursive: true });
});

async function start(more: Partial<TemporalOptions> = {}): Promise<LocalTemporal> {
  const temporal = await startTemporal({ folder, cli, file, headless: true, ...more });
  running.push(temporal);
  return temporal;
}

async function connected<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

async function customAttributes(address: string): Promise<string[]> {
  const { namespace } = file;
  const list = await connected(address, async (to) => to.operatorService.listSearchAttributes({ namespace }));
  return Object.keys(list.customAttributes);
}

/** A server on the folder's file as somebody else would start it: without our search attributes. */
async function startBare(): Promise<{ address: string; stop(): Promise<void> }> {
  const port = await freePort();
  const bare = { ...file, flags: file.flags.filter((flag) => !flag.startsWith('--search-attribute')) };
  const args = localArguments(bare, { databaseFile: join(folder, 'temporal.db'), port, uiPort: null });
  const logFile = join(folder, 'bare.log');
  const server = await launchServer({ command: cli, args, env: {}, logFile, account: null });
  const address = `127.0.0.1:${port}`;
  const probe = async () => connected(address, async (to) => to.workflowService.describeNamespace(file));
  await whenReady({ name: 'bare', process: server, logFile, timeoutMs: 60_000, probe });
  return {
    address,
    stop: async () => stopProcess(server, { signal: 'SIGTERM', lastResort: 'SIGKILL', graceMs: 20_000 }),
  };
}

test('registers the search attributes that an existing database file lacks', async () => {
  const bare = await startBare();
  expect(await customAttributes(bare.address)).not.toContain('VolumeId');
  await bare.stop();
  const { address } = await start();
  const names = SEARCH_ATTRIBUTES.map(({ name }) => name);
  expect(await customAttributes(address)).toEqual(expect.arrayContaining(names));
});

test('finds its workflows again after a stop and a start', async () => {
  const { namespace } = file;
  const first = await start();
  const request = { namespace, workflowId: 'w', requestId: 'r', workflowType: { name: 't' }, taskQueue: { name: 'q' } };
  await connected(first.address, async (to) => to.workflowService.startWorkflowExecution(request));
  await first.stop();
  const second = await start();
  const execution = { workflowId: 'w' };
  const found = await connected(second.address, async (to) =>
    to.workflowService.describeWorkflowExecution({ namespace, execution }),
  );
  expect(found.workflowExecutionInfo?.type?.name).toBe('t');
});

test('shows its UI, and where a workflow is in it', async () => {
  const { uiUrl, namespace } = await start({ headless: false });
  const page = await fetch(workflowUrl(uiUrl ?? '', namespace, 'create-volume-1'));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<!doctype html>');
});

test('adopts the server that still runs because the process that had started it was killed', async () => {
  const killed = await startKilled({ headless: true });
  const adopted = await start();
  expect(adopted).toMatchObject({ ...killed, adopted: true });
  await adopted.stop();
  expect(await identifyProcess(killed.pid)).toBeNull();
});

test('replaces such a server when it runs with other flags', async () => {
  const killed = await startKilled({ headless: false });
  const server = await identifyProcess(killed.pid);
  const replaced = await start({ headless: true });
  expect(replaced).toMatchObject({ adopted: false, uiUrl: null });
  expect(server && (await isAlive(server))).toBe(false);
});

test('leaves other processes that stand in its folder alone', async () => {
  const bystander = await launchServer({
    command: 'sleep',
    args: ['600'],
    env: {},
    logFile: join(folder, 'log'),
    account: null,
    workingFolder: folder,
  });
  const temporal = await start();
  await temporal.stop();
  expect(await isAlive(bystander)).toBe(true);
  process.kill(bystander.pid, 'SIGKILL');
});

test('refuses a folder while another process runs its server', async () => {
  await start();
  await expect(start()).rejects.toThrow(`Another Rekindle process runs with the data in ${folder}`);
});

test('refuses a port on which another server listens, and gives the folder free', async () => {
  const port = Number((await start()).address.split(':')[1]);
  const other = join(folder, 'other');
  await expect(start({ folder: other, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  expect((await start({ folder: other })).adopted).toBe(false);
});

test('shows the end of the log when the server cannot start', async () => {
  const wrong = { ...file, flags: [...file.flags, '--sqlite-pragma=nonsense'] };
  await expect(start({ file: wrong })).rejects.toThrow(/ended while starting[^]*nonsense/);
});

/** Starts a server in a process that is then killed. */
async function startKilled(more: { headless: boolean }): Promise<{ address: string; pid: number }> {
  const starter = await runScript(`
    const { startTemporal } = require('./src/local/temporal-server.ts');
    const { address, pid } = await startTemporal(${JSON.stringify({ folder, cli, file, ...more })});
    report({ address, pid });`);
  await starter.kill();
  return starter.reported as { address: string; pid: number };
}
