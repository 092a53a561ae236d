import { randomUUID } from 'node:crypto';
import type { Catalog, ImportedBackup } from '../../src/catalog/catalog';
import { accept, importOf, newProject, openTestCatalog, outcomeOf, tally, times, RUN } from './arrange';
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

async function setStatus(id: string, status: string): Promise<void> {
  await opened.database.query('update backups set status = $2 where id = $1', [id, status]);
}

describe('importBackup', () => {
  it('adds an available backup of the importing project, with everything the record says (H-76, H-78)', async () => {
    const record = importOf({
      metadata: { key: 'value' },
      dataTimestamp: new Date('2026-01-01T00:00:00.123Z'),
      encryptionKeyId: 'key',
      snapshotId: 'snapshot',
      parentId: 'a parent that nobody has checked',
    });
    const backup = await catalog.importBackup(record);
    const derived = { status: 'available', failReason: null, dependentBackups: 0, updatedAt: null };
    expect(backup).toEqual({ ...record, ...derived });
    expect(await catalog.findBackup(record.id, { projectId: record.projectId })).toEqual(backup);
    expect(await catalog.findBackup(record.id, { projectId: newProject() })).toBeNull();
  });

  it('takes any text up to 255 characters as id (H-76)', async () => {
    for (const id of ['notuuid', `${'ü'.repeat(250)}'"%;`]) {
      expect(await catalog.importBackup(importOf({ id }))).toMatchObject({ id });
    }
  });

  it('refuses the id of a live backup of any project (H-76)', async () => {
    const { id } = await catalog.importBackup(importOf());
    await expect(catalog.importBackup(importOf({ id }))).rejects.toThrow(
      'Invalid backup: Backup already exists in database.',
    );
  });

  it('revives a deleted backup as the new record says, without its old readers (H-76)', async () => {
    const old = await catalog.importBackup(importOf());
    const volume = await accept(catalog, { projectId: old.projectId, backupId: old.id });
    await catalog.lockBackup(old.id, volume.id);
    await setStatus(old.id, 'deleted');
    const revived = await catalog.importBackup(importOf({ id: old.id, name: 'again' }));
    expect(revived).toMatchObject({ status: 'available', name: 'again' });
    await catalog.releaseBackup({ backupId: old.id, volumeId: volume.id, runId: RUN });
    expect(await catalog.findBackup(old.id, 'all-projects')).toEqual(revived);
  });

  it('lets one of 20 importers of one id have it', async () => {
    const id = randomUUID();
    const calls = times(20, () => catalog.importBackup(importOf({ id })));
    expect(await tally(calls)).toEqual({ ok: 1, InvalidBackup: 19 });
  });

  it("refuses beyond the number of backups, in Cinder's words (H-68, H-76)", async () => {
    const projectId = newProject();
    const calls = times(12, () => catalog.importBackup(importOf({ projectId })));
    expect(await tally(calls)).toEqual({ ok: 10, BackupLimitExceeded: 2 });
    await expect(catalog.importBackup(importOf({ projectId }))).rejects.toThrow(
      /^BackupLimitExceeded: Maximum number of backups allowed \(10\) exceeded$/,
    );
  });

  it('gives the last of the quota to one of 20 who come at once', async () => {
    const projectId = newProject();
    await catalog.setQuota(projectId, { backups: 1 });
    const calls = times(20, () => catalog.importBackup(importOf({ projectId })));
    expect(await tally(calls)).toEqual({ ok: 1, BackupLimitExceeded: 19 });
  });

  it("refuses beyond the gigabytes of backups, in Cinder's words (H-68)", async () => {
    const projectId = newProject();
    await catalog.importBackup(importOf({ projectId, sizeGib: 600 }));
    await expect(catalog.importBackup(importOf({ projectId, sizeGib: 401 }))).rejects.toThrow(
      /^VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. Requested 401G, quota is 1000G and 600G has been consumed.$/,
    );
    expect(await outcomeOf(catalog.importBackup(importOf({ projectId, sizeGib: 400 })))).toBe('ok');
  });

  it('refuses for good what PostgreSQL cannot store', async () => {
    expect(await outcomeOf(catalog.importBackup(importOf({ container: '\0' })))).toBe('InvalidInput');
  });
});

describe('findBackup', () => {
  it.each(['', 'nope', "'", 'a\0b', '%', '\ud800', 'x'.repeat(10_000)])('finds nothing for the text %j', async (id) => {
    expect(await catalog.findBackup(id, 'all-projects')).toBeNull();
    expect(await catalog.findVolume(id, 'all-projects')).toBeNull();
  });

  it('hides a deleted backup', async () => {
    const { id } = await catalog.importBackup(importOf());
    await setStatus(id, 'deleted');
    expect(await catalog.findBackup(id, 'all-projects')).toBeNull();
  });

  it('counts the live children (H-65)', async () => {
    const full = await catalog.importBackup(importOf());
    const children = await Promise.all(times(3, () => catalog.importBackup(importOf({ parentId: full.id }))));
    await setStatus(children[0]?.id ?? '', 'deleted');
    expect(await catalog.findBackup(full.id, 'all-projects')).toMatchObject({ dependentBackups: 2 });
    expect(await catalog.findBackup(children[1]?.id ?? '', 'all-projects')).toMatchObject({ dependentBackups: 0 });
  });
});

describe('backupChain', () => {
  async function importChain(...chain: Partial<ImportedBackup>[]): Promise<string[]> {
    const ids: string[] = [];
    for (const link of chain)
      ids.push((await catalog.importBackup(importOf({ parentId: ids.at(-1) ?? null, ...link }))).id);
    return ids;
  }

  it('is the backup and its ancestors, leaf first', async () => {
    const ids = await importChain({}, {}, {});
    const chain = await catalog.backupChain(ids[2] ?? '');
    expect(chain.map(({ id }) => id)).toEqual([...ids].reverse());
    expect(chain[0]).toEqual(await catalog.findBackup(ids[2] ?? '', 'all-projects'));
  });

  it('is one link for a full backup, whoever builds on it', async () => {
    const [full = ''] = await importChain({}, {});
    expect(await catalog.backupChain(full)).toHaveLength(1);
  });

  it('is damaged where a parent is missing or deleted (W-26)', async () => {
    const [, missing = ''] = await importChain({ parentId: 'gone' }, {});
    await expect(catalog.backupChain(missing)).rejects.toThrow(
      `The chain of backup ${missing} is broken: its parent gone does not exist.`,
    );
    const [parent = '', leaf = ''] = await importChain({}, {});
    await setStatus(parent, 'deleted');
    expect(await outcomeOf(catalog.backupChain(leaf))).toBe('BackupDamaged');
  });

  it('is damaged where it bites its tail', async () => {
    const id = randomUUID();
    const [, leaf = ''] = await importChain({ parentId: id }, { id });
    await expect(catalog.backupChain(leaf)).rejects.toThrow(
      `The chain of backup ${leaf} is broken: it leads back to ${leaf}.`,
    );
    const self = await catalog.importBackup(importOf({ id: 'self', parentId: 'self' }));
    expect(await outcomeOf(catalog.backupChain(self.id))).toBe('BackupDamaged');
  });

  it('does not exist for an unknown backup', async () => {
    expect(await outcomeOf(catalog.backupChain(randomUUID()))).toBe('BackupNotFound');
  });
});
