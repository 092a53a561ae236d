import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Catalog } from '../../src/catalog/catalog';
import { DEFAULT_QUOTA } from '../../src/domain/quota';
import { createTestDatabase } from '../support/database';
import { databaseLink } from '../support/database-link';
import { accept, connectTo, importOf, newProject, openTestCatalog, outcomeOf, poolOf, times } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterAll(async () => {
  await opened.close();
});

describe('connectCatalog', () => {
  it('brings a new database up to date when many processes start at once', async () => {
    const database = await createTestDatabase();
    const catalogs = await Promise.all(times(6, () => connectTo(database)));
    const types = await Promise.all(
      catalogs.map(async (each) => (await each.listVolumeTypes()).map(({ name }) => name)),
    );
    expect(types).toEqual(times(6, () => ['__DEFAULT__']));
    await Promise.all(catalogs.map((each) => each.close()));
    await database.drop();
  });

  it('finds everything again after a restart', async () => {
    const volume = await accept(catalog);
    const again = await connectTo(opened.database);
    expect(await again.findVolume(volume.id, 'all-projects')).toEqual(volume);
    await again.close();
  });

  it('rejects when the database does not answer', async () => {
    const url = opened.database.url.replace(/\/test_[0-9a-f]+$/, '/test_none');
    await expect(connectTo({ ...opened.database, url })).rejects.toThrow('The catalog could not be brought up to date');
  });

  it('survives the loss of its connections, and tells of it', async () => {
    const warnings: string[] = [];
    const log = { info: () => undefined, warn: (_: object, text: string) => warnings.push(text) };
    const other = await connectTo(opened.database, { log, maxConnections: 1 });
    const text = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
      and application_name = 'rekindle'`;
    await opened.database.query(text);
    // The first calls may still meet a connection that is just dying: unknown, hence to be repeated.
    const now = await repeat(() => other.now());
    expect(now).toBeInstanceOf(Date);
    expect(warnings).toContain('a catalog connection was lost');
    await repeat(() => catalog.now());
    await other.close();
  });

  it('leaves a connection that has fallen silent, and works on another', async () => {
    const link = await databaseLink(opened.database.url);
    const other = await connectTo({ ...opened.database, url: link.url }, { maxConnections: 1 });
    const strike = link.strike(['a silent id'], 'silence');

    await expect(other.findVolume('a silent id', 'all-projects')).rejects.toThrow('Query read timeout');

    expect(strike.struck).toBe(true);
    expect(await other.findVolume('a silent id', 'all-projects')).toBeNull();
    expect(await other.findBackup('another', 'all-projects')).toBeNull();
    await other.close();
    await link.close();
  });
});

describe('a call whose connection is lost in the middle of its transaction', () => {
  it('leaves nothing done, and may be repeated', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    const blocker = new Client({ connectionString: opened.database.url });
    await blocker.connect();
    await blocker.query('begin');
    await blocker.query('select 1 from pools for update');

    const place = () => catalog.placeVolume({ volumeId: id, choose: () => 'control@files#pool' });
    const lost = outcomeOf(place()).catch(() => 'unknown');
    await terminateWaiting();
    expect(await lost).toBe('unknown');

    await blocker.query('rollback');
    await blocker.end();
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ host: null });
    expect(await place()).toMatchObject({ host: 'control@files#pool' });
  });

  /** Ends the connection that waits for a lock, as soon as there is one. */
  async function terminateWaiting(): Promise<void> {
    const text = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await opened.database.query(text)).length === 0);
  }
});

/** As Temporal does with whatever isn't a refusal. */
async function repeat<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

describe('quotas', () => {
  it("are Cinder's by default (H-85)", async () => {
    expect(await catalog.quotaLimits(newProject())).toEqual(DEFAULT_QUOTA);
  });

  it('are the configured ones where they are configured', async () => {
    const quotaDefaults = { ...DEFAULT_QUOTA, volumes: 3 };
    const other = await connectTo(opened.database, { quotaDefaults });
    expect(await other.quotaLimits(newProject())).toEqual(quotaDefaults);
    await other.close();
  });

  it('can be a project’s own, limit by limit, until they are reset', async () => {
    const projectId = newProject();
    await catalog.setQuota(projectId, { volumes: 2 });
    expect(await catalog.setQuota(projectId, { gigabytes: -1 })).toEqual({
      ...DEFAULT_QUOTA,
      volumes: 2,
      gigabytes: -1,
    });
    expect(await catalog.quotaLimits(newProject())).toEqual(DEFAULT_QUOTA);
    await catalog.resetQuota(projectId);
    await catalog.resetQuota(projectId);
    expect(await catalog.quotaLimits(projectId)).toEqual(DEFAULT_QUOTA);
  });

  it('are used by volumes and backups (H-84)', async () => {
    const projectId = newProject();
    const { volumeTypeId } = await accept(catalog, { projectId, sizeGib: 3 });
    await accept(catalog, { projectId, sizeGib: 4 });
    await catalog.importBackup(importOf({ projectId, sizeGib: 5 }));
    expect(await catalog.quotaUsage(projectId)).toEqual({
      volumes: 2,
      gigabytes: 7,
      backups: 1,
      backupGigabytes: 5,
      ofTypes: { [`volumes:${volumeTypeId}`]: 2, [`gigabytes:${volumeTypeId}`]: 7 },
    });
    expect(await catalog.quotaUsage(newProject())).toEqual({
      volumes: 0,
      gigabytes: 0,
      backups: 0,
      backupGigabytes: 0,
      ofTypes: {},
    });
  });
});

describe('volume types', () => {
  const fast = { name: 'fast', description: 'quick', isPublic: true, extraSpecs: { volume_backend_name: 'ssd' } };

  it('always have a default (H-80)', async () => {
    expect(await catalog.findVolumeType('__DEFAULT__')).toMatchObject({
      name: '__DEFAULT__',
      isPublic: true,
      extraSpecs: {},
    });
  });

  it('are added, and brought up to date under the same id', async () => {
    await catalog.declareVolumeTypes([]);
    await catalog.declareVolumeTypes([fast]);
    const added = await catalog.findVolumeType('fast');
    expect(added).toMatchObject(fast);
    await Promise.all(times(5, () => catalog.declareVolumeTypes([{ ...fast, extraSpecs: {} }])));
    expect(await catalog.findVolumeType(added?.id ?? '')).toEqual({ ...added, extraSpecs: {} });
    expect((await catalog.listVolumeTypes()).map(({ name }) => name)).toEqual(['__DEFAULT__', 'fast']);
  });

  it.each([randomUUID(), 'nope', 'a\0b'])('are none for %j', async (nameOrId) => {
    expect(await catalog.findVolumeType(nameOrId)).toBeNull();
  });
});
