import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { startPostgres } from '../../src/local/postgres';
import { projectFolder } from '../../src/local/project-folder';
import { findTemporalCli } from '../../src/local/temporal-cli';
import type { TemporalDevFile } from '../../src/local/temporal-dev-file';
import { readTemporalDevFile } from '../../src/local/temporal-dev-file';
import { startTemporal } from '../../src/local/temporal-server';
import { bundleWorkflows } from '../../src/local/workflow-bundle';

/** What the suite started, from `globalSetup` to `globalTeardown`, which run in one process. */
export interface SuiteServers {
  readonly folder: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

interface Started {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts what the tests need and the developer has not already named in the environment:
 * REKINDLE_TEST_DATABASE_URL, REKINDLE_TEST_TEMPORAL_ADDRESS with REKINDLE_TEST_TEMPORAL_NAMESPACE, and
 * REKINDLE_TEST_WORKFLOW_BUNDLE.
 */
export async function startSuiteServers(): Promise<SuiteServers> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-test-'));
  // As root, PostgreSQL runs as another user, who has to reach its folder.
  await chmod(folder, 0o755);
  const starting = [startDatabase(folder), startTemporalServer(folder), bundle(folder)];
  const ended = await Promise.allSettled(starting);
  const started = ended.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(async (server) => server.stop()));
    await rm(folder, { recursive: true });
  };
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const dismissReaper = startReaper(folder, started);
  return {
    folder,
    pids: started.map((server) => server.pid),
    stop: async () => {
      await stop();
      dismissReaper();
    },
  };
}

async function startDatabase(folder: string): Promise<Started | null> {
  if (process.env['REKINDLE_TEST_DATABASE_URL']) return null;
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    cacheFolder: join(folder, 'cache'),
    // Nothing here has to survive a power cut, and each test file brings its connections.
    settings: { fsync: 'off', max_connections: '300' },
    log: console.log,
  });
  process.env['REKINDLE_TEST_DATABASE_URL'] = postgres.url;
  return postgres;
}

async function startTemporalServer(folder: string): Promise<Started | null> {
  if (process.env['REKINDLE_TEST_TEMPORAL_ADDRESS']) return null;
  const file = withNamespaces(await readTemporalDevFile());
  const explicitPath = process.env['REKINDLE_TEMPORAL_CLI'];
  const cli = await findTemporalCli({ explicitPath, version: file.version, env: process.env, log: console.log });
  const temporal = await startTemporal({ folder: join(folder, 'temporal'), cli: cli.path, file, headless: true });
  process.env['REKINDLE_TEST_TEMPORAL_ADDRESS'] = temporal.address;
  process.env['REKINDLE_TEST_TEMPORAL_NAMESPACE'] = temporal.namespace;
  return temporal;
}

/** More than jest's `maxWorkers`. */
const NAMESPACES = 8;

/**
 * A namespace for each of jest's workers (test/support/temporal.ts): test files that run side by side use the same task queues,
 * and would take each other's tasks.
 */
function withNamespaces(file: TemporalDevFile): TemporalDevFile {
  const numbers = Array.from({ length: NAMESPACES }, (_, index) => index + 1);
  return { ...file, flags: [...file.flags, ...numbers.map((number) => `--namespace=${file.namespace}-${number}`)] };
}

async function bundle(folder: string): Promise<null> {
  if (process.env['REKINDLE_TEST_WORKFLOW_BUNDLE']) return null;
  const bundleFile = join(folder, 'workflow-bundle.js');
  const workflowsPath = join(projectFolder(), 'workflows', 'index.ts');
  const interceptorModules = [join(projectFolder(), 'workflows', 'words.ts')];
  await bundleWorkflows({ workflowsPath, interceptorModules, bundleFile, logger: new DefaultLogger('WARN') });
  process.env['REKINDLE_TEST_WORKFLOW_BUNDLE'] = bundleFile;
  return null;
}

/**
 * If jest is interrupted or killed, no teardown runs. The reaper waits for the end of its input, which comes when this
 * process ends, however it ends, and then does what the teardown would have done.
 */
function startReaper(folder: string, servers: readonly Started[]): () => void {
  const script = `read -r _
    folder=$1; shift
    for pid; do kill -INT "$pid"; done
    for pid; do while kill -0 "$pid"; do sleep 0.1; done; done
    rm -rf "$folder"`;
  const args = ['-c', script, 'reaper', folder, ...servers.map((server) => String(server.pid))];
  const reaper = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  reaper.unref();
  return () => reaper.kill('SIGKILL');
}
