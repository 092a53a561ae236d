import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { Refusal } from '../../src/domain/errors';
import { choosePool } from '../../src/domain/placement';
import type { Volume } from '../../src/domain/volume';
import {
  accept,
  acceptFromBackup,
  newProject,
  openTestCatalog,
  outcomeOf,
  poolOf,
  REASON,
  retry,
  RUN,
  tally,
  times,
} from './arrange';
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
    choose: (facts) => choosePool({ ...facts, excluded: [], reportMaxAgeMs: 60_000 }).pool.name,
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
    await catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    expect(await tally([place(id), place(randomUUID())])).toEqual({ Conflict: 2 });
  });

  it('does not offer a pool that has yet to remove data of this very volume, and says so', async () => {
    await catalog.reportPools([poolOf({ name: 'a@files#pool' })]);
    const { id } = await accept(catalog);
    await place(id);
    await catalog.unplaceVolume({ volumeId: id, runId: RUN, keepMs: 0 });
    await expect(place(id)).rejects.toThrow('a@files#pool: it has yet to remove what an earlier attempt left there');
    await catalog.reportPools([poolOf({ name: 'b@files#pool' })]);
    expect(await place(id)).toMatchObject({ host: 'b@files#pool' });
  });
});

describe('unplaceVolume', () => {
  const leave = (volumeId: string) => catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });

  it('turns the reservation into a debt, once, however often it is called', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog, { sizeGib: 3 });
    await place(id);
    await leave(id);
    await leave(id);
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ host: null, status: 'creating' });
    expect(await provisioned()).toEqual({ 'control@files#pool': 3 });
    expect(await catalog.owedRemovals('control@files')).toEqual([
      { volumeId: id, poolName: 'control@files#pool', sizeGib: 3 },
    ]);
  });

  it('owes nothing for a volume that was never placed', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog);
    await leave(id);
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });

  it('does nothing where an earlier run left the call behind', async () => {
    const { volume } = await acceptFromBackup(catalog);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    await retry(catalog, volume);
    await catalog.placeVolume({ volumeId: volume.id, choose: () => 'control@files#pool' });
    await leave(volume.id);
    expect(await catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ host: 'control@files#pool' });
    expect(await catalog.dataLeftOf(volume.id)).toEqual([]);
  });

  it.each(['available', 'attaching', 'error'] as const)(
    'leaves one its place that was available once and is %s now, until it is deleted',
    async (status) => {
      const { volume, backupId } = await acceptFromBackup(catalog);
      await catalog.placeVolume({ volumeId: volume.id, choose: () => 'control@files#pool' });
      await catalog.completeVolume({ volumeId: volume.id, written: { epoch: 0, backupId } });
      if (status === 'error') await catalog.resetVolume(volume.id, { status });
      if (status === 'attaching') await catalog.reserveVolume(volume.id);

      await leave(volume.id);

      expect(await catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ host: 'control@files#pool', status });
      expect(await catalog.dataLeftOf(volume.id)).toEqual([]);
      await catalog.beginDeletion(volume.id, RUN, true);
      await leave(volume.id);
      expect(await catalog.dataLeftOf(volume.id)).toHaveLength(1);
    },
  );
});

describe('the reservation of a volume', () => {
  it('outlives a failure and ends with the deletion', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog, { sizeGib: 4 });
    await place(id);
    await catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    expect(await provisioned()).toEqual({ 'control@files#pool': 4 });
    await catalog.beginDeletion(id, RUN);
    expect(await provisioned()).toEqual({ 'control@files#pool': 4 });
    await catalog.finishDeletion(id);
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });

  it('goes on as long as its removal is owed', async () => {
    await catalog.reportPools([poolOf()]);
    const { id } = await accept(catalog, { sizeGib: 9 });
    await place(id);
    await catalog.unplaceVolume({ volumeId: id, runId: RUN, keepMs: 0 });
    expect(await provisioned()).toEqual({ 'control@files#pool': 9 });
    await catalog.settleRemoval(id, 'control@files#pool');
    await catalog.settleRemoval(id, 'control@files#pool');
    expect(await provisioned()).toEqual({ 'control@files#pool': 0 });
  });
});

describe('owedRemovals', () => {
  it('lists what one backend owes, and settles pool by pool', async () => {
    const { id: volumeId } = await accept(catalog);
    const owed = (poolName: string) => ({ volumeId, sizeGib: 1, poolName });
    for (const host of ['a@files#one', 'a@files#two', 'a@files2#one']) {
      await catalog.placeVolume({ volumeId, choose: () => host });
      await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });
    }
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
    expect(pool).toEqual({
      ...report,
      provisionedCapacityGib: 0,
      reportedAt: expect.any(Date),
      isDisabled: false,
    });
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
