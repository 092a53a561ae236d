import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Catalog } from '../../src/catalog/catalog';
import { findTemporalCli } from '../../src/local/temporal-cli';
import { readTemporalDevFile } from '../../src/local/temporal-dev-file';
import { startTemporal } from '../../src/local/temporal-server';
import type { LocalTemporal } from '../../src/local/temporal-server';
import { connectTo } from '../catalog/arrange';
import { largeBackup } from '../mover/movers-contract';
import { cinderClient } from '../support/cinder-client';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { importLinks, PROJECT } from '../support/house';
import { startProduct } from '../support/product-process';
import type { ProductProcess } from '../support/product-process';
import { sha256OfVolume } from '../support/volume-content';

const MIB = 1024 ** 2;

/** A Temporal of its own, which loses everything, while API and worker go on as processes. */
describe('Temporal comes back with nothing it knew', () => {
  let folder: string;
  let database: TestDatabase;
  let catalog: Catalog;
  let temporal: LocalTemporal;
  const started: ProductProcess[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-lost-'));
    mkdirSync(path.join(folder, 'pool'));
    database = await createTestDatabase();
    catalog = await connectTo(database);
    temporal = await runTemporal();
  });
  afterEach(async () => {
    for (const one of started) await one.stop('SIGKILL');
    await temporal.stop();
    await catalog.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  async function runTemporal(port?: number): Promise<LocalTemporal> {
    const file = await readTemporalDevFile();
    const explicitPath = process.env['REKINDLE_TEMPORAL_CLI'];
    const cli = await findTemporalCli({ explicitPath, version: file.version, env: process.env, log: console.log });
    const options = { folder: path.join(folder, 'temporal'), cli: cli.path, file, headless: true };
    return startTemporal({ ...options, ...(port !== undefined && { port }) });
  }

  function start(entry: string): ProductProcess {
    const one = startProduct(entry, { REKINDLE_CONFIG: path.join(folder, 'rekindle.yml') });
    started.push(one);
    return one;
  }

  function configure(): void {
    const { address, namespace } = temporal;
    const configuration = {
      host: 'host1',
      api: { port: 0 },
      database: { url: database.url },
      temporal: { address, namespace },
      // Slow enough to be caught in the middle.
      worker: { reconcileEveryMs: 1_000, bytesPerSecond: 12 * MIB },
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      backends: [{ name: 'file', driver: 'file', pools: [{ path: 'pool' }] }],
      repositories: [{ driver: 'posix', path: 'backups' }],
    };
    // YAML holds JSON.
    writeFileSync(path.join(folder, 'rekindle.yml'), JSON.stringify(configuration));
  }

  const hasCheckpoint = async () =>
    (await database.query('select id from volumes where checkpoint is not null')).length > 0 ? true : null;

  it('what was under way goes on where it was and is available; what was asked for meanwhile was refused, with the advice to ask again', async () => {
    const { links, content } = largeBackup(path.join(folder, 'backups'), 'zlib');
    const backupId = await importLinks(catalog, links);
    configure();
    await start('src/worker.ts').says(/the worker is ready/);
    const [, url = ''] = await start('src/server.ts').says(/"url":"(\S+?)"/);
    const cinder = cinderClient(url);
    const volumeId = await cinder.createVolume(backupId);
    await eventually(hasCheckpoint);

    const port = Number(temporal.address.split(':')[1]);
    await temporal.stop();
    rmSync(path.join(folder, 'temporal'), { recursive: true });
    const refused = await fetch(`${url}/v3/${PROJECT}/volumes`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Auth-Token': `tester:${PROJECT}` },
      body: JSON.stringify({ volume: { size: 1 } }),
    });
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    const meanwhile = await cinder.listVolumes();
    temporal = await runTemporal(port);

    expect(meanwhile).toEqual([{ id: volumeId, status: 'creating' }]);
    expect(await cinder.settled(volumeId)).toBe('available');
    const file = path.join(folder, 'pool', `volume-${volumeId}`);
    expect(await sha256OfVolume(file, content.length)).toBe(createHash('sha256').update(content).digest('hex'));
    expect(await cinder.listBackups()).toEqual([{ id: backupId, status: 'available' }]);
    expect(await cinder.listVolumes()).toEqual([{ id: volumeId, status: 'available' }]);
  });
});
