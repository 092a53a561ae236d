import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { accept, openTestCatalog, outcomeOf, poolOf, REASON, RUN } from './arrange';
import type { TestCatalog } from './arrange';

const POOL = 'a@files#pool';
const OTHER = 'b@files#pool';

let opened: TestCatalog;
let catalog: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
  await catalog.reportPools([poolOf({ name: POOL }), poolOf({ name: OTHER })]);
});

afterAll(async () => {
  await opened.close();
});

async function placed(poolName = POOL): Promise<string> {
  const { id } = await accept(catalog);
  await catalog.placeVolume({ volumeId: id, choose: () => poolName });
  return id;
}

describe('beginMaking', () => {
  it('gives each attempt a newer epoch than any attempt to write it before', async () => {
    const volumeId = await placed();
    const { epoch } = await catalog.beginWriting(volumeId, { maxGapMs: 1000 });
    expect(await catalog.beginMaking({ volumeId, poolName: POOL })).toBeGreaterThan(epoch);
    expect(await catalog.beginMaking({ volumeId, poolName: POOL })).toBeGreaterThan(epoch + 1);
  });

  it('is not for a volume that lies elsewhere, or is not being created any more', async () => {
    const volumeId = await placed();
    expect(await outcomeOf(catalog.beginMaking({ volumeId, poolName: OTHER }))).toBe('Conflict');
    await catalog.beginDeletion(volumeId, RUN);
    expect(await outcomeOf(catalog.beginMaking({ volumeId, poolName: POOL }))).toBe('Conflict');
    expect(await outcomeOf(catalog.beginMaking({ volumeId: randomUUID(), poolName: POOL }))).toBe('Conflict');
  });
});

describe('requireWriter', () => {
  async function writer() {
    const volumeId = await placed();
    return { volumeId, poolName: POOL, epoch: await catalog.beginMaking({ volumeId, poolName: POOL }) };
  }

  it('passes the newest attempt, as often as it asks', async () => {
    const newest = await writer();
    expect(await outcomeOf(catalog.requireWriter(newest))).toBe('ok');
    expect(await outcomeOf(catalog.requireWriter(newest))).toBe('ok');
  });

  it('fences an attempt that has been replaced', async () => {
    const older = await writer();
    await catalog.beginWriting(older.volumeId, { maxGapMs: 1000 });
    expect(await outcomeOf(catalog.requireWriter(older))).toBe('Fenced');
  });

  it('fences one whose volume is being deleted, has failed, or has left the pool', async () => {
    const [deleting, failed, left] = [await writer(), await writer(), await writer()];
    await catalog.beginDeletion(deleting.volumeId, RUN);
    await catalog.failVolume({ volumeId: failed.volumeId, runId: RUN, reason: REASON });
    await catalog.unplaceVolume({ volumeId: left.volumeId, runId: RUN, keepMs: 0 });
    for (const one of [deleting, failed, left]) expect(await outcomeOf(catalog.requireWriter(one))).toBe('Fenced');
  });

  it('fences one that was on another pool before', async () => {
    const earlier = await writer();
    const { volumeId } = earlier;
    await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });
    await catalog.placeVolume({ volumeId, choose: () => OTHER });
    expect(await outcomeOf(catalog.requireWriter(earlier))).toBe('Fenced');
    expect(await outcomeOf(catalog.requireWriter({ ...earlier, epoch: earlier.epoch + 1 }))).toBe('Fenced');
  });
});

describe('dueRemoval', () => {
  it('is carried out under a newer epoch than anything that was done to the volume there', async () => {
    const volumeId = await placed();
    const { epoch } = await catalog.beginWriting(volumeId, { maxGapMs: 1000 });
    await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });
    expect((await catalog.dueRemoval({ volumeId, poolName: POOL }))!.epoch).toBeGreaterThan(epoch);
  });

  it('is none where nothing is owed, where it is settled, or kept for a retry', async () => {
    const [placedVolume, settled, kept] = [await placed(), await placed(), await placed()];
    await catalog.unplaceVolume({ volumeId: settled, runId: RUN, keepMs: 0 });
    await catalog.settleRemoval(settled, POOL);
    await catalog.unplaceVolume({ volumeId: kept, runId: RUN, keepMs: 3_600_000 });
    for (const volumeId of [placedVolume, settled, kept]) {
      expect(await catalog.dueRemoval({ volumeId, poolName: POOL })).toBeNull();
    }
  });

  it('is due at once where nothing is kept, and stays due when the clock of the database is set back', async () => {
    const volumeId = await placed();
    await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });
    await opened.database.query(`update owed_removals set due_at = due_at + interval '2 hours' where volume_id = $1`, [
      volumeId,
    ]);
    expect(await catalog.dueRemoval({ volumeId, poolName: POOL })).not.toBeNull();
  });

  it('is not settled by one who paid an earlier debt of the volume there, and comes late', async () => {
    const volumeId = await placed();
    const place = { volumeId, poolName: POOL };
    await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });
    const { debtId: earlier } = (await catalog.dueRemoval(place))!;
    await catalog.settleRemoval(volumeId, POOL, earlier);
    await catalog.placeVolume({ volumeId, choose: () => POOL });
    await catalog.unplaceVolume({ volumeId, runId: RUN, keepMs: 0 });

    await catalog.settleRemoval(volumeId, POOL, earlier);

    const later = await catalog.dueRemoval(place);
    expect(later).not.toBeNull();
    await catalog.settleRemoval(volumeId, POOL, later!.debtId);
    expect(await catalog.dueRemoval(place)).toBeNull();
  });
});
