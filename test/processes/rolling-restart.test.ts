import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cinderClient } from '../support/cinder-client';
import type { CinderClient } from '../support/cinder-client';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { fixture } from '../support/fixtures';
import { startProduct } from '../support/product-process';
import type { ProductProcess } from '../support/product-process';
import { suiteTemporal } from '../support/temporal';
import { expectContent } from '../support/volume-file';

jest.setTimeout(240_000);

const chain = fixture('zlib-c4m-s32k-odd');

/** As a deploy does it: two of everything, and each told to stop (SIGTERM) when its successor is there. */
describe('a rolling restart under load', () => {
  let folder: string;
  let database: TestDatabase;
  let isOver = false;
  const running: ProductProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-rolling-'));
    mkdirSync(path.join(folder, 'pool'));
    database = await createTestDatabase();
    const configuration = {
      host: 'host1',
      api: { port: 0 },
      database: { url: database.url, backupLock: 'shared' },
      temporal: suiteTemporal(),
      worker: { reconcileEveryMs: null, bytesPerSecond: 20_000_000 },
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      quota: { volumes: -1, gigabytes: -1 },
      backends: [{ name: 'file', driver: 'file', pools: [{ path: 'pool', maxCopies: 4 }] }],
      repositories: [{ driver: 'posix', path: chain.repoRoot }],
    };
    // YAML holds JSON.
    writeFileSync(path.join(folder, 'rekindle.yml'), JSON.stringify(configuration));
  });
  afterAll(async () => {
    isOver = true;
    await Promise.all(running.map((one) => one.stop('SIGKILL')));
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  async function start(entry: string, says: RegExp): Promise<{ process: ProductProcess; said: RegExpExecArray }> {
    const process = startProduct(entry, { REKINDLE_CONFIG: path.join(folder, 'rekindle.yml') });
    running.push(process);
    return { process, said: await process.says(says) };
  }
  const startWorker = async () => (await start('src/worker.ts', /the worker is ready/)).process;

  /** One after the other, each from the request to the end. */
  async function createOnAndOn(cinder: CinderClient, made: string[]): Promise<void> {
    while (!isOver) {
      const id = await cinder.createVolume(chain.links('inc3')[0]!.id);
      expect(await cinder.settled(id)).toBe('available');
      made.push(id);
    }
  }

  it('fails no request and no volume', async () => {
    let workers = [await startWorker(), await startWorker()];
    const { said } = await start('src/server.ts', /"url":"(\S+?)"/);
    const cinder = cinderClient(said[1]!);
    await cinder.importChain(chain, 'inc3');
    const made: string[] = [];
    const users = Promise.all([1, 2, 3].map(() => createOnAndOn(cinder, made)));
    users.catch(() => undefined);

    for (let deploy = 0; deploy < 2; deploy += 1) {
      const successors: ProductProcess[] = [];
      for (const old of workers) {
        successors.push(await startWorker());
        expect(await old.stop('SIGTERM')).toEqual({ code: 0, signal: null });
      }
      workers = successors;
    }
    isOver = true;
    await users;

    expect(made.length).toBeGreaterThan(3);
    expect(new Set((await cinder.listVolumes()).map(({ status }) => status))).toEqual(new Set(['available']));
    expect(await database.query('select text from messages')).toEqual([]);
    for (const id of made) await expectContent(path.join(folder, 'pool', `volume-${id}`), chain, 'inc3');
  });
});
