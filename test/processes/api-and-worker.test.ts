import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../src/local/free-port';
import { cinderClient } from '../support/cinder-client';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { fixture } from '../support/fixtures';
import { startProduct } from '../support/product-process';
import type { ProductProcess } from '../support/product-process';
import { suiteTemporal } from '../support/temporal';
import { expectContent } from '../support/volume-file';

const chain = fixture('none-c4m-s32k-odd');
const API = 'src/server.ts';
const WORKER = 'src/worker.ts';

/** What `npm run api` and `npm run worker` run. The workflows' bundle is the one that the last build made. */
describe('API and worker as processes of their own', () => {
  let folder: string;
  let database: TestDatabase;
  let started: ProductProcess[];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-processes-'));
    mkdirSync(path.join(folder, 'pool'));
    database = await createTestDatabase();
    started = [];
  });

  afterEach(async () => {
    for (const one of started) await one.stop('SIGKILL');
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  function start(entry: string, config: object): ProductProcess {
    const file = path.join(folder, 'rekindle.yml');
    // YAML holds JSON.
    writeFileSync(file, JSON.stringify(config));
    const one = startProduct(entry, { REKINDLE_CONFIG: file });
    started.push(one);
    return one;
  }

  function everything(): object {
    return {
      host: 'host1',
      api: { port: 0 },
      database: { url: database.url },
      temporal: suiteTemporal(),
      worker: { reconcileEveryMs: null },
      backends: [{ name: 'file', driver: 'file', pools: [{ path: 'pool' }] }],
      repositories: [{ driver: 'posix', path: chain.repoRoot }],
    };
  }

  it('make a volume together, and stop when they are told to', async () => {
    const worker = start(WORKER, everything());
    const api = start(API, everything());
    await worker.says(/the worker is ready/);
    const [, url = ''] = await api.says(/"url":"(\S+?)"/);
    const cinder = cinderClient(url);
    await cinder.importChain(chain, 'full');

    const volumeId = await cinder.createVolume(chain.links('full')[0]!.id);
    const status = await cinder.settled(volumeId);

    expect(status).toBe('available');
    expect(await cinder.listServices()).toEqual([
      'cinder-backup host1 up',
      'cinder-scheduler host1 up',
      'cinder-volume host1@file up',
    ]);
    await expectContent(path.join(folder, 'pool', `volume-${volumeId}`), chain, 'full');
    expect(await Promise.all([api.stop('SIGTERM'), worker.stop('SIGTERM')])).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
  });

  it.each([API, WORKER])('%s says what to do where no database is configured', async (entry) => {
    const one = start(entry, {});

    expect(await one.ended).toEqual({ code: 1, signal: null });
    expect(one.stderr()).toBe(
      'No database is configured: set REKINDLE_DATABASE_URL, or database.url in the configuration file.\n',
    );
  });

  it.each([API, WORKER])('%s says where it looked for Temporal in vain', async (entry) => {
    const port = await freePort();
    const one = start(entry, { database: { url: database.url }, temporal: { port } });

    expect(await one.ended).toEqual({ code: 1, signal: null });
    expect(one.stderr()).toMatch(`No Temporal server answers at 127.0.0.1:${port}.`);
    expect(one.stderr()).not.toContain('.ts:');
  });
});
