import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../src/local/free-port';
import { identifyProcess, processesIn } from '../../src/local/process-identity';
import { stopProcess } from '../../src/local/server-process';
import { cinderClient } from '../support/cinder-client';
import { fixture } from '../support/fixtures';
import type { Fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { startProduct } from '../support/product-process';
import type { ProductProcess } from '../support/product-process';
import { expectContent } from '../support/volume-file';

const small = fixture('none-c4m-s32k-odd');
const big = fixture('zlib-c64m-1gib');

/** What `npm start` runs, with its data in a folder of its own. The workflows' bundle is the one that the last build made. */
describe('everything on one machine', () => {
  let folder: string;
  let ports: { readonly port: number; readonly uiPort: number };
  let started: ProductProcess[];

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'rekindle-machine-')));
    // As root, PostgreSQL runs as another user, who has to reach its folder.
    chmodSync(folder, 0o755);
    ports = { port: await freePort(), uiPort: await freePort() };
    started = [];
  });

  afterEach(async () => {
    for (const machine of started) await machine.stop('SIGKILL');
    for (const pid of await servers()) {
      const server = await identifyProcess(pid);
      if (server) await stopProcess(server, { signal: 'SIGKILL', lastResort: 'SIGKILL', graceMs: 10_000 });
    }
    rmSync(folder, { recursive: true });
  });

  function start(chain: Fixture, config: object = {}): ProductProcess {
    const file = path.join(folder, 'rekindle.yml');
    // YAML holds JSON.
    const written = {
      dataDir: 'data',
      logLevel: 'debug',
      api: { port: 0 },
      temporal: ports,
      repositories: [{ driver: 'posix', path: chain.repoRoot }],
      restore: { heartbeatTimeoutMs: 3_000 },
      ...config,
    };
    writeFileSync(file, JSON.stringify(written));
    const machine = startProduct('src/dev.ts', { REKINDLE_CONFIG: file });
    started.push(machine);
    return machine;
  }

  /** The API of a machine that says where it answers. */
  async function cinderOf(machine: ProductProcess) {
    const [, url = ''] = await machine.says(/^The API answers at (\S+)$/m);
    return cinderClient(url);
  }

  /** PostgreSQL's and Temporal's processes: they stand in their folders. */
  async function servers(): Promise<number[]> {
    const folders = [path.join(folder, 'data', 'temporal'), path.join(folder, 'data', 'postgres', 'cluster')];
    const pids = await Promise.all(folders.filter(existsSync).map((one) => processesIn(realpathSync(one))));
    return pids.flat();
  }

  it('makes volumes, stops API, worker, Temporal and PostgreSQL in this order, and finds all again at the next start', async () => {
    const first = start(small);
    const cinder = await cinderOf(first);
    await cinder.importChain(small, 'inc3');
    const volumeId = await cinder.createVolume(small.links('inc3')[0]!.id);
    const status = await cinder.settled(volumeId);
    const ending = await first.stop('SIGINT');

    expect(status).toBe('available');
    await expectContent(path.join(folder, 'data', 'pool', `volume-${volumeId}`), small, 'inc3');
    expect(ending).toEqual({ code: 0, signal: null });
    const parts = ['API', 'worker', 'Temporal', 'PostgreSQL'];
    expect(
      logged(first, 'stopping')
        .map(({ part }) => part)
        .filter((part) => parts.some((one) => one === part)),
    ).toEqual(parts);
    expect(await servers()).toEqual([]);

    const again = await cinderOf(start(small));

    expect(await again.listVolumes()).toEqual([{ id: volumeId, status: 'available' }]);
    const backups = small.links('inc3').map(({ id }) => ({ id, status: 'available' }));
    expect(await again.listBackups()).toEqual(expect.arrayContaining(backups));
  });

  it('adopts its servers after a SIGKILL, and finishes the volume that was being created', async () => {
    const first = start(big);
    const cinder = await cinderOf(first);
    await cinder.importChain(big, 'inc3');
    const volumeId = await cinder.createVolume(big.links('inc3')[0]!.id);
    const file = path.join(folder, 'data', 'pool', `volume-${volumeId}`);
    await eventually(async () => (existsSync(file) && statSync(file).blocks > 0 ? true : null));
    expect(await cinder.listVolumes()).toEqual([{ id: volumeId, status: 'creating' }]);
    await first.stop('SIGKILL');

    const second = start(big);
    const again = await cinderOf(second);
    const status = await again.settled(volumeId);

    expect(status).toBe('available');
    await expectContent(file, big, 'inc3');
    expect(logged(second, 'PostgreSQL runs')).toMatchObject([{ adopted: true }]);
    expect(logged(second, 'Temporal runs')).toMatchObject([{ adopted: true }]);
    expect(await again.listVolumes()).toEqual([{ id: volumeId, status: 'available' }]);
    const backups = big.links('inc3').map(({ id }) => ({ id, status: 'available' }));
    expect(await again.listBackups()).toEqual(expect.arrayContaining(backups));
    expect(await second.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await servers()).toEqual([]);
  });

  it('says which port is taken and how to choose another, and stops what it had started', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const machine = start(small, { api: { port }, logLevel: 'warn' });
    const ending = await machine.ended;
    other.close();

    expect(ending).toEqual({ code: 1, signal: null });
    expect(machine.stderr()).toBe(
      `Port ${port} of 127.0.0.1 is taken by another process. ` +
        'Choose another one: api.port in the configuration file, or REKINDLE_API_PORT.\n',
    );
    expect(await servers()).toEqual([]);
  });

  it('names every fault of its configuration, and starts nothing', async () => {
    const machine = start(small, { api: { port: 'http' }, backends: [{ name: 'a@b', driver: 'file', pools: [] }] });
    const ending = await machine.ended;

    expect(ending).toEqual({ code: 1, signal: null });
    for (const fault of ['rekindle.yml', 'api.port', 'backends[0].name', 'backends[0].pools']) {
      expect(machine.stderr()).toContain(fault);
    }
    // No stack.
    expect(machine.stderr()).not.toContain('.ts:');
    expect(existsSync(path.join(folder, 'data'))).toBe(false);
  });
});

/** The lines of the log with this message. */
function logged(machine: ProductProcess, message: string): Record<string, string>[] {
  const lines = machine
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, string>).filter(({ msg }) => msg === message);
}
