import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { Refusal } from '../../src/domain/errors';
import { choosePool } from '../../src/domain/placement';
import type { Volume } from '../../src/domain/volume';
import { accept, newProject, openTestCatalog, outcomeOf, poolOf, REASON, tally, times } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;

// Capacities are of all projects, so each test has a database of its own.
beforeEach(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterEach(async () => {
  await opened.close();
});

function place(volumeId: string): Promise<Volume> {
  return catalog.placeVolume({
    volumeId,
    choose: (volume, type, pools, now) =>
      choosePool({ volume, type, pools, now, excluded: [], reportMaxAgeMs: 60_000 }).pool.name,
  });
}

async function provisioned(): Promise<Record<string, number>> {
  const pools = await catalog.listPools();
  return Object.fromEntries(pools.map((pool) => [pool.name, pool.provisionedCapacityGib]));
}

describe('placeVolume', () => {
  it('writes the chosen pool as host, and by that reserves its capacity (S-23, S-54)', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog, { sizeGib: 30 });
    expect(await place(id)).toMatchObject({ host: 'control@files#pool', status: 'creating' });
    expect(await provisioned()).toEqual({ 'control@files#pool': 30 });
  });

  it('keeps the host of a volume that has one', async () => {
    await catalog.reportPools([poolOf({ name: 'a@files#pool' }), poolOf({ name: 'b@files#pool' })]);
    const { id } = await accept(catalog);
    await catalog.placeVolume({ volumeId: id, choose: () => 'b@files#pool' });
    const again = await catalog.placeVolume({ volumeId: id, choose: () => 'a@files#pool' });
    expect(again.host).toBe('b@files#pool');
  });

  it('promises no GiB twice when 20 volumes come at once (S-52)', async () => {
    await catalog.reportPools([
      poolOf({ name: 'a@files#pool', totalCapacityGib: 5, freeCapacityGib: 5 }),
      poolOf({ name: 'b@files#pool', totalCapacityGib: 3, freeCapacityGib: 3 }),
    ]);
    const volumes = await Promise.all(times(20, () => accept(catalog, { projectId: newProject() })));
    expect(await tally(volumes.map(({ id }) => place(id)))).toEqual({ ok: 8, NoValidBackend: 12 });
    expect(await provisioned()).toEqual({ 'a@files#pool': 5, 'b@files#pool': 3 });
  });

  it('reserves nothing when the choice is refused', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    const choose = (): string => {
      throw new Refusal('NoValidBackend', 'No valid backend was found.');
    };
    expect(await outcomeOf(catalog.placeVolume({ volumeId: id, choose }))).toBe('NoValidBackend');
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });

  it('refuses a volume that is not being created, or does not exist', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    await catalog.failVolume({ volumeId: id, reason: REASON });
    expect(await tally([place(id), place(randomUUID())])).toEqual({ Conflict: 2 });
  });

  it('does not offer a pool that still owes the removal of this very volume', async () => {
    await catalog.reportPools([poolOf({ name: 'a@files#pool' }), poolOf({ name: 'b@files#pool' })]);
    const { id } = await accept(catalog);
    await catalog.oweRemoval({ volumeId: id, sizeGib: 1, poolName: 'a@files#pool' });
    expect(await place(id)).toMatchObject({ host: 'b@files#pool' });
  });
});

describe('unplaceVolume', () => {
  it('gives the reservation back, twice', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    await place(id);
    await catalog.unplaceVolume(id, 'control@files#pool');
    await catalog.unplaceVolume(id, 'control@files#pool');
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ host: null, status: 'creating' });
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });

  it('leaves a volume that lies on another pool by now', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    await place(id);
    await catalog.unplaceVolume(id, 'other@files#pool');
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ host: 'control@files#pool' });
  });
});

describe('the reservation of a volume', () => {
  it('outlives a failure and ends with the deletion', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog, { sizeGib: 4 });
    await place(id);
    await catalog.failVolume({ volumeId: id, reason: REASON });
    expect(await provisioned()).toEqual({ 'control@files#pool': 4 });
    await catalog.beginDeletion(id);
    expect(await provisioned()).toEqual({ 'control@files#pool': 4 });
    await catalog.finishDeletion(id);
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });

  it('goes on as long as its removal is owed', async () => {
    await catalog.reportPools([poolOf()]);
    const owed = { volumeId: randomUUID(), sizeGib: 9, poolName: 'control@files#pool' };
    await catalog.oweRemoval(owed);
    await catalog.oweRemoval(owed);
    expect(await provisioned()).toEqual({ 'control@files#pool': 9 });
    await catalog.settleRemoval(owed.volumeId, owed.poolName);
    await catalog.settleRemoval(owed.volumeId, owed.poolName);
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });
});

describe('owedRemovals', () => {
  it('lists what one backend owes, and settles pool by pool', async () => {
    const volumeId = randomUUID();
    const owed = (poolName: string) => ({ volumeId, sizeGib: 1, poolName });
    await catalog.oweRemoval(owed('a@files#one'));
    await catalog.oweRemoval(owed('a@files#two'));
    await catalog.oweRemoval(owed('a@files2#one'));
    await catalog.settleRemoval(volumeId, 'a@files#one');
    expect(await catalog.owedRemovals('a@files')).toEqual([owed('a@files#two')]);
    expect(await catalog.owedRemovals('a@files2')).toEqual([owed('a@files2#one')]);
  });
});

describe('reportPools', () => {
  it('records what was seen, and when, on the clock of the database', async () => {
    const report = poolOf({ totalCapacityGib: 10.5, freeCapacityGib: 0.25, thinProvisioning: true });
    await catalog.reportPools([poolOf(), poolOf({ name: 'z@files#pool' })]);
    const before = await catalog.now();
    await catalog.reportPools([report]);
    const [pool, other] = await catalog.listPools();
    expect(pool).toEqual({ ...report, provisionedCapacityGib: 0, reportedAt: expect.any(Date) });
    expect(pool?.reportedAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(other?.reportedAt.getTime()).toBeLessThanOrEqual(before.getTime());
  });

  it('takes reports of many workers at once, in any order, while volumes are placed', async () => {
    const pools = times(5, (index) => poolOf({ name: `host${index}@files#pool` }));
    await catalog.reportPools(pools);
    const volumes = await Promise.all(times(10, () => accept(catalog)));
    const reports = times(10, (index) => catalog.reportPools(index % 2 ? pools : [...pools].reverse()));
    expect(await tally([...reports, ...volumes.map(({ id }) => place(id))])).toEqual({ ok: 20 });
  });
});
