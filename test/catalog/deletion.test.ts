import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import { accept, acceptFromBackup, openTestCatalog, outcomeOf, REASON, times, RUN } from './arrange';
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

describe('beginDeletion', () => {
  it('tells whether the create is to be cancelled first, also when asked again (W-22)', async () => {
    const { id } = await accept(catalog);
    const first = await catalog.beginDeletion(id, RUN);
    expect(first).toMatchObject({ volume: { id, status: 'deleting' }, wasAtWork: true });
    expect(await catalog.beginDeletion(id, RUN)).toEqual(first);
  });

  it.each(['available', 'error', 'error_deleting'])('takes a volume that is %s (H-57)', async (status) => {
    const { id } = await accept(catalog);
    await opened.database.query('update volumes set status = $2 where id = $1', [id, status]);
    const first = await catalog.beginDeletion(id, RUN);
    expect(first).toMatchObject({ volume: { status: 'deleting' }, wasAtWork: false });
    expect(await catalog.beginDeletion(id, RUN)).toEqual(first);
  });

  it('answers 20 callers at once alike', async () => {
    const { id } = await accept(catalog);
    const answers = await Promise.all(times(20, () => catalog.beginDeletion(id, RUN)));
    expect(answers.map(({ wasAtWork }) => wasAtWork)).toEqual(times(20, () => true));
  });

  it("refuses any other status in Cinder's words (H-57)", async () => {
    const { id } = await accept(catalog);
    await opened.database.query("update volumes set status = 'in-use' where id = $1", [id]);
    await expect(catalog.beginDeletion(id, RUN)).rejects.toThrow(
      'Invalid volume: Volume status must be available or error or error_restoring or error_extending or ' +
        'error_managing and must not be migrating, attached, belong to a group, have snapshots, awaiting a transfer, ' +
        'or be disassociated from snapshots after volume transfer.',
    );
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ status: 'in-use' });
  });

  it('does not find a volume that is deleted, or never was', async () => {
    const { id } = await accept(catalog);
    await catalog.beginDeletion(id, RUN);
    await catalog.finishDeletion(id);
    await expect(catalog.beginDeletion(id, RUN)).rejects.toThrow(`Volume ${id} could not be found.`);
    expect(await outcomeOf(catalog.beginDeletion(randomUUID(), RUN))).toBe('VolumeNotFound');
  });

  it('wins over the failure that its cancellation causes', async () => {
    const { volume } = await acceptFromBackup(catalog);
    await Promise.all([
      catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON }),
      catalog.beginDeletion(volume.id, RUN),
    ]);
    expect(await catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ status: 'deleting' });
  });
});

describe('finishDeletion', () => {
  it('gives quota and host back, and hides the row, twice', async () => {
    const { id, projectId } = await accept(catalog, { sizeGib: 5 });
    await catalog.placeVolume({ volumeId: id, choose: () => 'control@files#pool' });
    await catalog.beginDeletion(id, RUN);
    expect(await catalog.quotaUsage(projectId)).toMatchObject({ volumes: 1, gigabytes: 5 });
    await catalog.finishDeletion(id);
    await catalog.finishDeletion(id);
    expect(await catalog.quotaUsage(projectId)).toMatchObject({ volumes: 0, gigabytes: 0 });
    expect(await catalog.findVolume(id, 'all-projects')).toBeNull();
    const rows = await opened.database.query('select status, host, deleted_at from volumes where id = $1', [id]);
    expect(rows).toEqual([{ status: 'deleted', host: null, deleted_at: expect.any(Date) }]);
  });

  it('frees a backup that nobody released', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    await catalog.beginDeletion(volume.id, RUN);
    expect(await catalog.findBackup(backupId, 'all-projects')).toMatchObject({ status: 'restoring' });
    await catalog.finishDeletion(volume.id);
    expect(await catalog.findBackup(backupId, 'all-projects')).toMatchObject({ status: 'available' });
  });

  it('refuses a volume whose deletion has not begun', async () => {
    const { id } = await accept(catalog);
    expect(await outcomeOf(catalog.finishDeletion(id))).toBe('Conflict');
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ status: 'creating' });
  });

  it('has nothing to do for a volume that does not exist', async () => {
    expect(await outcomeOf(catalog.finishDeletion(randomUUID()))).toBe('ok');
  });
});
