import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { accept, openTestCatalog, outcomeOf, REASON, times, RUN } from './arrange';
import type { TestCatalog } from './arrange';

const MAX_GAP_MS = 60_000;

let opened: TestCatalog;
let catalog: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterAll(async () => {
  await opened.close();
});

/** As if the last sign of life had come that much earlier. */
async function letPass(volumeId: string, ms: number): Promise<void> {
  const text = "update volumes set writer_seen_at = writer_seen_at - $2 * interval '1 ms' where id = $1";
  await opened.database.query(text, [volumeId, ms]);
}

describe('beginWriting', () => {
  it('gives each attempt a newer epoch', async () => {
    const { id } = await accept(catalog);
    const { epoch, ...rest } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    expect(rest).toEqual({ begunEpoch: 0, stalledMs: 0, unsavedMs: 0, checkpoint: null, bytesPerSecond: null });
    expect((await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).epoch).toBeGreaterThan(epoch);
  });

  it('gives 20 attempts at once 20 epochs', async () => {
    const { id } = await accept(catalog);
    const attempts = await Promise.all(times(20, () => catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })));
    expect(new Set(attempts.map(({ epoch }) => epoch)).size).toBe(20);
  });

  it('counts the time since the last sign of life, over all attempts', async () => {
    const { id } = await accept(catalog);
    await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await letPass(id, 10_000);
    const { stalledMs: first } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await letPass(id, 20_000);
    const { stalledMs: second } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    expect(first).toBeGreaterThanOrEqual(10_000);
    expect(second).toBeGreaterThanOrEqual(first + 20_000);
    expect(second).toBeLessThan(45_000);
  });

  it('counts a long gap only as far as it is told to', async () => {
    const { id } = await accept(catalog);
    await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await letPass(id, 10 * MAX_GAP_MS);
    expect(await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).toMatchObject({ stalledMs: MAX_GAP_MS });
  });

  it('lets no attempt take the volume from one that was scheduled later, and may be asked again', async () => {
    const { id } = await accept(catalog);
    const { epoch } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS, scheduledMs: 2_000 });
    await expect(catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS, scheduledMs: 1_999 })).rejects.toThrow('too late');
    await catalog.noteWriting(id, epoch, 0);
    const later = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS, scheduledMs: 2_001 });
    expect(later.epoch).toBeGreaterThan(epoch);
  });

  it('adds up what attempts take of which nothing is left, though they move bytes; a checkpoint begins anew', async () => {
    const { id } = await accept(catalog);
    const next = { maxGapMs: MAX_GAP_MS, mostUnsavedMs: 20_000 };
    const workFor = async (ms: number): Promise<number> => {
      const { epoch } = await catalog.beginWriting(id, next);
      const text = "update volumes set writer_begun_at = writer_begun_at - $2 * interval '1 ms' where id = $1";
      await opened.database.query(text, [id, ms]);
      await catalog.noteWriting(id, epoch, 4096);
      return epoch;
    };
    await workFor(5_000);
    await workFor(500_000);
    const { unsavedMs, stalledMs } = await catalog.beginWriting(id, next);
    expect(stalledMs).toBeLessThan(10_000);
    expect(unsavedMs).toBeGreaterThanOrEqual(25_000);
    expect(unsavedMs).toBeLessThan(35_000);
    await catalog.saveCheckpoint(id, await workFor(5_000), CHECKPOINT);
    expect((await catalog.beginWriting(id, next)).unsavedMs).toBeLessThan(5_000);
  });

  it('refuses a volume that is not being created', async () => {
    const { id } = await accept(catalog);
    await catalog.beginDeletion(id, RUN);
    expect(await outcomeOf(catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS }))).toBe('Conflict');
    expect(await outcomeOf(catalog.beginWriting(randomUUID(), { maxGapMs: MAX_GAP_MS }))).toBe('Conflict');
  });
});

describe('noteWriting', () => {
  it('keeps for how long no byte has moved, whatever the clock of the database says', async () => {
    const { id } = await accept(catalog);
    const { epoch } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await letPass(id, 3_600_000);
    await catalog.noteWriting(id, epoch, 50_000);
    const second = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    expect(second.stalledMs).toBeGreaterThanOrEqual(50_000);
    expect(second.stalledMs).toBeLessThan(60_000);
    await catalog.noteWriting(id, second.epoch, 0);
    expect((await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).stalledMs).toBeLessThan(10_000);
  });

  it('fences a writer that has been replaced, and one whose volume has failed or is gone', async () => {
    const { id } = await accept(catalog);
    const first = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    const second = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    expect(await outcomeOf(catalog.noteWriting(id, first.epoch, 1))).toBe('Fenced');
    expect(await outcomeOf(catalog.noteWriting(id, second.epoch, 1))).toBe('ok');
    await catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    expect(await outcomeOf(catalog.noteWriting(id, second.epoch, 1))).toBe('Fenced');
    expect(await outcomeOf(catalog.noteWriting(randomUUID(), 1, 1))).toBe('Fenced');
  });
});

const CHECKPOINT = {
  target: '1:2:3',
  bootId: 'b',
  zerosDone: true,
  finished: [{ offsetBytes: 0, lengthBytes: 2 ** 40 }],
};

describe('saveCheckpoint', () => {
  it('is what the next attempt finds', async () => {
    const { id } = await accept(catalog);
    const { epoch } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await catalog.saveCheckpoint(id, epoch, CHECKPOINT);
    expect(await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).toMatchObject({ checkpoint: CHECKPOINT });
  });

  it('fences a writer that has been replaced, and one whose volume is no longer being created', async () => {
    const { id } = await accept(catalog);
    const { epoch } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    const next = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    expect(await outcomeOf(catalog.saveCheckpoint(id, epoch, CHECKPOINT))).toBe('Fenced');
    expect(await outcomeOf(catalog.saveCheckpoint(id, next.epoch, CHECKPOINT))).toBe('ok');
    await catalog.beginDeletion(id, RUN);
    expect(await outcomeOf(catalog.saveCheckpoint(id, next.epoch, CHECKPOINT))).toBe('Fenced');
  });
});

describe('limitBandwidth', () => {
  it('reaches the attempt that runs, with its next sign of life, and those that follow', async () => {
    const { id } = await accept(catalog);
    const { epoch } = await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS });
    await catalog.limitBandwidth(id, 5_000_000_000);
    expect(await catalog.noteWriting(id, epoch, 1)).toEqual({ bytesPerSecond: 5_000_000_000 });
    expect(await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).toMatchObject({ bytesPerSecond: 5_000_000_000 });
    await catalog.limitBandwidth(id, null);
    expect(await catalog.beginWriting(id, { maxGapMs: MAX_GAP_MS })).toMatchObject({ bytesPerSecond: null });
  });
});
