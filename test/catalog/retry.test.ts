import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { choosePool } from '../../src/domain/placement';
import type { Volume } from '../../src/domain/volume';
import {
  accept,
  acceptFromBackup,
  connectTo,
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

const HOUR_MS = 3_600_000;
const POOL = 'control@files#pool';
const OTHER = 'other@files#pool';

let opened: TestCatalog;
let catalog: Catalog;

// Capacities and debts are of all projects, so each test has a database of its own.
beforeEach(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});
afterEach(() => opened.close());

function place(volumeId: string, excluded: string[] = []): Promise<Volume> {
  const choose = (facts: Parameters<Parameters<Catalog['placeVolume']>[0]['choose']>[0]): string =>
    choosePool({ ...facts, excluded, reportMaxAgeMs: 60_000 }).pool.name;
  return catalog.placeVolume({ volumeId, choose });
}

/** A volume that ended in `error`; what it left on the pool is kept for so long. */
async function failedOnPool(keepMs: number): Promise<Left> {
  const left = await leavingPool(keepMs);
  await catalog.failVolume({ volumeId: left.volume.id, runId: RUN, reason: REASON });
  return left;
}

interface Left {
  readonly volume: Volume;
  readonly backupId: string;
  readonly checkpoint: object;
}

/** A volume that is about to end in `error`. */
async function leavingPool(keepMs: number): Promise<Left> {
  await catalog.reportPools([poolOf({ name: POOL })]);
  const { volume, backupId } = await acceptFromBackup(catalog, { sizeGib: 3 });
  await place(volume.id);
  const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
  const checkpoint = {
    target: 'file',
    bootId: 'boot',
    zerosDone: true,
    finished: [{ offsetBytes: 0, lengthBytes: 9 }],
  };
  await catalog.saveCheckpoint(volume.id, epoch, checkpoint);
  await catalog.unplaceVolume({ volumeId: volume.id, runId: RUN, keepMs });
  return { volume, backupId, checkpoint };
}

const statusOf = async (id: string) => (await catalog.findVolume(id, 'all-projects'))?.status;
const dueOnPool = async () => (await catalog.owedRemovals('control@files')).map(({ volumeId }) => volumeId);
const provisioned = async () => (await catalog.listPools()).map((pool) => pool.provisionedCapacityGib);

/** As if the time were over for which the data of failed creates is kept. */
const letGraceEnd = () => opened.database.query(`update owed_removals set due_at = due_at - interval '1 day'`);

describe('a new run of a volume that failed', () => {
  it('makes it creating once more, under a newer epoch, and takes no quota again', async () => {
    const { volume, backupId } = await failedOnPool(HOUR_MS);
    const before = await catalog.quotaUsage(volume.projectId);
    await catalog.setQuota(volume.projectId, { volumes: 0, gigabytes: 0 });
    expect(await retry(catalog, volume)).toMatchObject({ status: 'creating', host: null, runs: 2 });
    await catalog.lockBackup(backupId, volume.id);
    expect((await catalog.beginWriting(volume.id, { maxGapMs: 1000 })).epoch).toBeGreaterThan(2);
    expect(await catalog.quotaUsage(volume.projectId)).toEqual(before);
  });

  it('knows where the copy came to', async () => {
    const { volume, checkpoint } = await failedOnPool(HOUR_MS);
    await retry(catalog, volume);
    expect(await catalog.beginWriting(volume.id, { maxGapMs: 1000 })).toMatchObject({ checkpoint, stalledMs: 0 });
  });

  it('is told the same when it asks again, also by many calls at once through two processes', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    const other = await connectTo(opened.database);
    const answers = await Promise.all(times(10, (index) => retry(index % 2 ? other : catalog, volume)));
    expect(answers).toEqual(times(10, () => answers[0]));
    expect(answers[0]).toMatchObject({ status: 'creating', runs: 2 });
    await other.close();
  });

  it('is not begun by a call that an earlier run left behind', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await retry(catalog, volume, RUN);
    expect(await statusOf(volume.id)).toBe('error');
    await retry(catalog, volume);
    await catalog.failVolume({ volumeId: volume.id, runId: 'second-run', reason: REASON });
    await retry(catalog, volume);
    expect(await statusOf(volume.id)).toBe('error');
  });

  it('is not ended by what an earlier run left behind', async () => {
    const { volume, backupId } = await failedOnPool(HOUR_MS);
    await retry(catalog, volume);
    await catalog.lockBackup(backupId, volume.id);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    await catalog.releaseBackup({ backupId, volumeId: volume.id, runId: RUN });
    await catalog.withdrawVolume({ volumeId: volume.id, expiresAt: '2999-01-01T00:00:00Z', runId: RUN });
    expect(await statusOf(volume.id)).toBe('creating');
    expect(await catalog.findBackup(backupId, 'all-projects')).toMatchObject({ status: 'restoring' });
  });

  it('goes on with a volume whose run was terminated while it was creating', async () => {
    const { volume } = await acceptFromBackup(catalog);
    expect(await retry(catalog, volume)).toMatchObject({ status: 'creating', runs: 2 });
  });

  it("is refused in Cinder's words while the backup isn't available, and changes nothing (S-5)", async () => {
    const { volume, backupId } = await failedOnPool(HOUR_MS);
    const next = await accept(catalog, { projectId: volume.projectId, backupId });
    await catalog.lockBackup(backupId, next.id);
    await expect(retry(catalog, volume)).rejects.toThrow(
      "Invalid backup: Originating backup status must be one of 'available' values",
    );
    expect(await statusOf(volume.id)).toBe('error');
  });

  it('is refused when the backup is gone', async () => {
    const { volume, backupId } = await failedOnPool(HOUR_MS);
    await opened.database.query(`update backups set status = 'deleted' where id = $1`, [backupId]);
    await expect(retry(catalog, volume)).rejects.toThrow(`Backup ${backupId} could not be found.`);
  });

  it.each(['available', 'deleting'])('is refused for a volume that is %s', async (status) => {
    const { volume } = await failedOnPool(HOUR_MS);
    await opened.database.query('update volumes set status = $2 where id = $1', [volume.id, status]);
    await expect(retry(catalog, volume)).rejects.toThrow(
      `Invalid volume: Volume ${volume.id} status must be error to retry its creation, but it is ${status}.`,
    );
    expect(await statusOf(volume.id)).toBe(status);
  });

  it('is refused for an empty volume, saying what to do', async () => {
    const volume = await accept(catalog);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    await expect(retry(catalog, volume)).rejects.toThrow(
      'was not created from a backup: there is nothing to go on with. Delete it and create it again.',
    );
  });

  it('is refused when it names another source, or comes from another project', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    const calls = [
      retry(catalog, { ...volume, backupId: randomUUID() }),
      retry(catalog, { ...volume, projectId: 'another' }),
    ];
    expect(await tally(calls)).toEqual({ Conflict: 2 });
  });

  it('is never withdrawn: its volume was accepted long ago', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await retry(catalog, volume);
    expect(
      await catalog.withdrawVolume({ volumeId: volume.id, expiresAt: '2999-01-01T00:00:00Z', runId: 'second-run' }),
    ).toBe(false);
    expect(await statusOf(volume.id)).toBe('creating');
  });

  it('and a deletion at once: either there is nothing to retry, or the creation is to be cancelled', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    const [retried, begun] = await Promise.all([
      outcomeOf(retry(catalog, volume)),
      catalog.beginDeletion(volume.id, RUN),
    ]);
    expect([retried, begun.wasAtWork]).toEqual(begun.wasAtWork ? ['ok', true] : ['InvalidVolume', false]);
    expect(await statusOf(volume.id)).toBe('deleting');
  });
});

describe('what a failed create left on a pool', () => {
  it('is not due before its time, and takes its space until it has been removed', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    expect(await dueOnPool()).toEqual([]);
    expect(await provisioned()).toEqual([3]);
    await letGraceEnd();
    expect(await dueOnPool()).toEqual([volume.id]);
    expect(await provisioned()).toEqual([3]);
    await catalog.settleRemoval(volume.id, POOL);
    expect(await provisioned()).toEqual([0]);
  });

  it('is due at once where nothing is kept', async () => {
    const { volume } = await failedOnPool(0);
    expect(await dueOnPool()).toEqual([volume.id]);
  });

  it("is the volume's again when its pool is chosen, whatever room there is elsewhere, and counts once", async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await catalog.reportPools([poolOf({ name: OTHER, totalCapacityGib: 1000, freeCapacityGib: 1000 })]);
    await retry(catalog, volume);
    expect(await place(volume.id)).toMatchObject({ host: POOL });
    expect(await place(volume.id)).toMatchObject({ host: POOL });
    await letGraceEnd();
    expect(await dueOnPool()).toEqual([]);
    expect(await catalog.dataLeftOf(volume.id)).toEqual([]);
    expect(await provisioned()).toEqual([3, 0]);
  });

  it('needs no room a second time on a pool that is full', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await catalog.reportPools([poolOf({ name: POOL, totalCapacityGib: 3, freeCapacityGib: 0 })]);
    await retry(catalog, volume);
    expect(await place(volume.id)).toMatchObject({ host: POOL });
  });

  it('must go as soon as the volume is placed elsewhere, because its pool is down', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await opened.database.query(`update pools set reported_at = reported_at - interval '1 hour'`);
    await catalog.reportPools([poolOf({ name: OTHER })]);
    await retry(catalog, volume);
    expect(await place(volume.id)).toMatchObject({ host: OTHER });
    expect(await dueOnPool()).toEqual([volume.id]);
  });

  it('stays when the retry finds no pool at all', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await opened.database.query(`update pools set reported_at = reported_at - interval '1 hour'`);
    await retry(catalog, volume);
    await expect(place(volume.id)).rejects.toThrow(`${POOL}: it is down`);
    await catalog.unplaceVolume({ volumeId: volume.id, runId: 'second-run', keepMs: HOUR_MS });
    expect(await dueOnPool()).toEqual([]);
    expect(await catalog.dataLeftOf(volume.id)).toHaveLength(1);
  });

  it('is not taken back once it is due: somebody may be removing it', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await letGraceEnd();
    await retry(catalog, volume);
    await expect(place(volume.id)).rejects.toThrow(`${POOL}: it has yet to remove what an earlier attempt left there`);
    await catalog.settleRemoval(volume.id, POOL);
    expect(await place(volume.id)).toMatchObject({ host: POOL });
  });

  it('is either removed or taken back, never both, when its time ends at that very moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { volume } = await failedOnPool(15);
      await retry(catalog, volume);
      const looks = times(20, () => dueOnPool());
      const placed = outcomeOf(place(volume.id));
      const seenDue = (await Promise.all([...looks, placed.then(dueOnPool)])).some((due) => due.includes(volume.id));
      expect({ round, placed: await placed, seenDue }).toEqual({
        round,
        placed: seenDue ? 'NoValidBackend' : 'ok',
        seenDue,
      });
      await opened.database.query('delete from owed_removals');
    }
  });

  it('is due at once when the volume is deleted', async () => {
    const { volume } = await failedOnPool(HOUR_MS);
    await catalog.beginDeletion(volume.id, RUN);
    await catalog.unplaceVolume({ volumeId: volume.id, runId: 'of the deletion', keepMs: 0 });
    expect(await dueOnPool()).toEqual([volume.id]);
    expect(await catalog.dataLeftOf(volume.id)).toEqual([{ volumeId: volume.id, poolName: POOL, sizeGib: 3 }]);
  });

  it('takes the checkpoint with it', async () => {
    const { volume } = await failedOnPool(0);
    await catalog.settleRemoval(volume.id, POOL);
    await retry(catalog, volume);
    expect(await catalog.beginWriting(volume.id, { maxGapMs: 1000 })).toMatchObject({ checkpoint: null });
  });

  it('takes the checkpoint with it also where it is gone before the volume has failed', async () => {
    const { volume } = await leavingPool(0);
    await catalog.settleRemoval(volume.id, POOL);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    await retry(catalog, volume);
    expect(await catalog.beginWriting(volume.id, { maxGapMs: 1000 })).toMatchObject({ checkpoint: null });
  });
});
