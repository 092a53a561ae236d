import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import {
  accept,
  acceptFromBackup,
  connectTo,
  importOf,
  openTestCatalog,
  outcomeOf,
  tally,
  times,
  RUN,
} from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let exclusive: Catalog;
let shared: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  exclusive = opened.catalog;
  shared = await connectTo(opened.database, { backupLock: 'shared' });
});

afterAll(async () => {
  await shared.close();
  await opened.close();
});

/** One backup and as many volumes that are to be made from it. */
async function backupWithVolumes(count: number): Promise<{ backupId: string; volumeIds: string[] }> {
  const { id: backupId, projectId } = await exclusive.importBackup(importOf());
  await exclusive.setQuota(projectId, { volumes: -1 });
  const volumes = await Promise.all(times(count, () => accept(exclusive, { projectId, backupId })));
  return { backupId, volumeIds: volumes.map(({ id }) => id) };
}

async function statusOf(backupId: string): Promise<string | undefined> {
  return (await exclusive.findBackup(backupId, 'all-projects'))?.status;
}

describe('a backup with exclusive locking', () => {
  it('turns restoring when locked and available when released, each twice', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(1);
    const [volumeId = ''] = volumeIds;
    await exclusive.lockBackup(backupId, volumeId);
    await exclusive.lockBackup(backupId, volumeId);
    expect(await statusOf(backupId)).toBe('restoring');
    await exclusive.releaseBackup({ backupId, volumeId, runId: RUN });
    await exclusive.releaseBackup({ backupId, volumeId, runId: RUN });
    expect(await statusOf(backupId)).toBe('available');
  });

  it('has one reader when 20 volumes want it at once (W-5, W-6)', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(20);
    const calls = volumeIds.map((volumeId) => exclusive.lockBackup(backupId, volumeId));
    expect(await tally(calls)).toEqual({ ok: 1, InvalidBackup: 19 });
    expect(await statusOf(backupId)).toBe('restoring');
  });

  it('is locked once by one volume that asks 20 times at once', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(1);
    const [volumeId = ''] = volumeIds;
    expect(await tally(times(20, () => exclusive.lockBackup(backupId, volumeId)))).toEqual({ ok: 20 });
    await exclusive.releaseBackup({ backupId, volumeId, runId: RUN });
    expect(await statusOf(backupId)).toBe('available');
  });

  it("refuses a second volume in Cinder's words (S-5)", async () => {
    const { backupId, volumeIds } = await backupWithVolumes(2);
    const [first = '', second = ''] = volumeIds;
    await exclusive.lockBackup(backupId, first);
    await expect(exclusive.lockBackup(backupId, second)).rejects.toThrow(
      "Invalid backup: Originating backup status must be one of 'available' values",
    );
  });

  it('is not freed by a volume that is not its reader', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(2);
    const [first = '', second = ''] = volumeIds;
    await exclusive.lockBackup(backupId, first);
    await exclusive.releaseBackup({ backupId, volumeId: second, runId: RUN });
    expect(await statusOf(backupId)).toBe('restoring');
  });
});

describe('a backup with shared locking', () => {
  it('has 20 readers at once, and turns available with the last (W-6)', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(20);
    expect(await tally(volumeIds.map((volumeId) => shared.lockBackup(backupId, volumeId)))).toEqual({ ok: 20 });
    const [last = '', ...others] = volumeIds;
    await Promise.all(others.map((volumeId) => shared.releaseBackup({ backupId, volumeId, runId: RUN })));
    expect(await statusOf(backupId)).toBe('restoring');
    await shared.releaseBackup({ backupId, volumeId: last, runId: RUN });
    expect(await statusOf(backupId)).toBe('available');
  });

  it('lets a request be accepted while another volume reads it', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(1);
    const backup = await shared.findBackup(backupId, 'all-projects');
    await shared.lockBackup(backupId, volumeIds[0] ?? '');
    expect(await accept(shared, { projectId: backup?.projectId ?? '', backupId })).toMatchObject({
      status: 'creating',
    });
  });

  it('is nobody’s to join while a restore that is not ours goes on', async () => {
    const { backupId, volumeIds } = await backupWithVolumes(1);
    await opened.database.query("update backups set status = 'restoring' where id = $1", [backupId]);
    expect(await outcomeOf(shared.lockBackup(backupId, volumeIds[0] ?? ''))).toBe('InvalidBackup');
  });
});

describe('a backup that is gone', () => {
  it('cannot be locked', async () => {
    const volume = await accept(exclusive);
    expect(await outcomeOf(exclusive.lockBackup(randomUUID(), volume.id))).toBe('BackupNotFound');
    const { backupId, volumeIds } = await backupWithVolumes(1);
    await opened.database.query("update backups set status = 'deleted' where id = $1", [backupId]);
    expect(await outcomeOf(exclusive.lockBackup(backupId, volumeIds[0] ?? ''))).toBe('BackupNotFound');
  });

  it('is released without a change, if it was deleted meanwhile', async () => {
    const { volume, backupId } = await acceptFromBackup(exclusive);
    await opened.database.query("update backups set status = 'deleted' where id = $1", [backupId]);
    await exclusive.releaseBackup({ backupId, volumeId: volume.id, runId: RUN });
    await exclusive.releaseBackup({ backupId: randomUUID(), volumeId: volume.id, runId: RUN });
    const rows = await opened.database.query('select status from backups where id = $1', [backupId]);
    expect(rows).toEqual([{ status: 'deleted' }]);
  });
});

describe('a volume that is not being created', () => {
  it.each(['error', 'available', 'deleting', 'withdrawn'])('locks nothing any more when it is %s', async (ended) => {
    const { backupId, volumeIds } = await backupWithVolumes(1);
    const [volumeId = ''] = volumeIds;
    if (ended === 'error')
      await exclusive.failVolume({ volumeId, runId: RUN, reason: { detail: '', action: 'schedule', detailId: '001' } });
    if (ended === 'available') await exclusive.completeVolume({ volumeId, written: null });
    if (ended === 'deleting') await exclusive.beginDeletion(volumeId, RUN);
    if (ended === 'withdrawn')
      await exclusive.withdrawVolume({ volumeId, expiresAt: '2999-01-01T00:00:00Z', runId: RUN });
    expect(await outcomeOf(exclusive.lockBackup(backupId, volumeId))).toBe('Conflict');
    expect(await statusOf(backupId)).toBe('available');
  });
});
