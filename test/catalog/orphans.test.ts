import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import type { Orphan } from '../../src/domain/orphan';
import type { Volume } from '../../src/domain/volume';
import { accept, openTestCatalog, poolOf, RUN, times } from './arrange';
import type { TestCatalog } from './arrange';

const POOL = 'control@files#pool';
const OTHER = 'control@files#other';
const HOUR_MS = 3_600_000;

let opened: TestCatalog;
let catalog: Catalog;

beforeEach(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
  await catalog.reportPools([poolOf(), poolOf({ name: OTHER })]);
});
afterEach(() => opened.close());

const look = (volumeIds: readonly string[], { poolName = POOL, graceMs = HOUR_MS } = {}): Promise<readonly Orphan[]> =>
  catalog.noteContent({ poolName, volumes: volumeIds.map((volumeId) => ({ volumeId, storedBytes: 4096 })) }, graceMs);
const owed = () => catalog.owedRemovals('control@files');

async function placed(poolName = POOL): Promise<Volume> {
  const { id } = await accept(catalog);
  return catalog.placeVolume({ volumeId: id, choose: () => poolName });
}

async function deleted(): Promise<string> {
  const { id } = await placed();
  await catalog.beginDeletion(id, RUN);
  await catalog.unplaceVolume({ volumeId: id, keepMs: 0, runId: RUN });
  await catalog.settleRemoval(id, POOL);
  await catalog.finishDeletion(id);
  return id;
}

describe('data on a pool', () => {
  it('is no orphan where its volume lies there, or its removal is owed', async () => {
    const [lying, leaving] = [await placed(), await placed()];
    await catalog.unplaceVolume({ volumeId: leaving.id, keepMs: HOUR_MS, runId: RUN });

    expect(await look([lying.id, leaving.id])).toEqual([]);
    expect(await catalog.listOrphans()).toEqual([]);
  });

  it('of a deleted volume is told of once, left alone for its time of grace, and then owed', async () => {
    const id = await deleted();

    expect(await look([id])).toMatchObject([{ volumeId: id, poolName: POOL, storedBytes: 4096, reason: 'deleted' }]);
    expect(await look([id])).toEqual([]);
    expect(await owed()).toEqual([]);
    const [orphan] = await catalog.listOrphans();
    expect(orphan!.removeAt!.getTime() - orphan!.firstSeenAt.getTime()).toBe(HOUR_MS);

    await opened.database.query(`update orphans set remove_at = remove_at - interval '1 hour'`);
    expect(await look([id])).toEqual([]);
    expect(await owed()).toEqual([{ volumeId: id, poolName: POOL, sizeGib: 1 }]);
    await catalog.settleRemoval(id, POOL);
    await look([]);
    expect(await catalog.listOrphans()).toEqual([]);
  });

  it.each([
    ['that the catalog does not know', 'unknown', async () => randomUUID()],
    ['of a volume that lies on another pool', 'elsewhere', async () => (await placed(OTHER)).id],
  ])('%s stays until an administrator says otherwise: it may be the last copy', async (_, reason, make) => {
    const id = await make();
    expect(await look([id], { graceMs: 0 })).toMatchObject([{ volumeId: id, reason, removeAt: null }]);
    await look([id], { graceMs: 0 });
    expect(await owed()).toEqual([]);

    expect(await catalog.removeOrphan(id)).toBe(true);

    await look([id]);
    expect(await owed()).toEqual([{ volumeId: id, poolName: POOL, sizeGib: 1 }]);
  });

  it('that is a volume’s again by then is not removed, although an administrator said so', async () => {
    const { id } = await accept(catalog);
    await look([id]);
    await catalog.removeOrphan(id);
    await catalog.placeVolume({ volumeId: id, choose: () => POOL });

    await look([id]);

    expect([await owed(), await catalog.listOrphans()]).toEqual([[], []]);
  });

  it('that is missing although its volume can be used is told of; that of one which is made at this moment is not', async () => {
    const [old, young] = [await placed(), await placed()];
    for (const { id } of [old, young]) await catalog.completeVolume({ volumeId: id, written: null });
    await opened.database.query("update volumes set proven_at = proven_at - interval '1 hour' where id = $1", [old.id]);

    expect(await look([])).toMatchObject([{ volumeId: old.id, reason: 'missing', storedBytes: 0, removeAt: null }]);

    expect(await catalog.removeOrphan(old.id)).toBe(true);
    await look([]);
    expect(await owed()).toEqual([]);
    await look([old.id]);
    expect(await catalog.listOrphans()).toEqual([]);
  });

  it('may be that of twenty thousand volumes, as where the catalog is all new', async () => {
    const ids = times(20_000, () => randomUUID());
    expect(await look(ids)).toHaveLength(ids.length);
    expect(await look(ids)).toEqual([]);
    await look(ids.slice(1));
    expect(await catalog.listOrphans()).toHaveLength(ids.length - 1);
  });

  it('that has gone meanwhile is forgotten, and of another pool it is not', async () => {
    const [gone, other] = [randomUUID(), randomUUID()];
    await look([gone]);
    await look([other], { poolName: OTHER });

    await look([]);

    expect(await catalog.listOrphans()).toMatchObject([{ volumeId: other, poolName: OTHER }]);
    expect(await catalog.removeOrphan(gone)).toBe(false);
    expect(await catalog.removeOrphan('no\0thing')).toBe(false);
  });
});
