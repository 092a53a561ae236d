import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import type { VolumeMeta } from '../../src/domain/volume-metadata';
import {
  accept,
  acceptFromBackup,
  completeFromBackup,
  openTestCatalog,
  outcomeOf,
  REASON,
  volumeMetaOf,
  RUN,
} from './arrange';
import type { TestCatalog } from './arrange';

const SOURCE: Partial<VolumeMeta> = {
  name: 'root disk',
  description: 'of the shop',
  bootable: true,
  userMetadata: { owner: 'them', tier: 'gold' },
  imageMetadata: { os_distro: 'debian' },
};

let opened: TestCatalog;
let catalog: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterAll(async () => {
  await opened.close();
});

describe('what a backup says of its volume', () => {
  it('is seen of the new volume when that is available, and not before (S-60 to S-62)', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog, { name: null });
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    await catalog.noteBackupMetadata(volume.id, epoch, volumeMetaOf(SOURCE));
    expect(await catalog.findVolume(volume.id, 'all-projects')).toEqual({ ...volume, epoch });

    const completed = await catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
    expect(completed).toEqual({
      ...volume,
      epoch,
      status: 'available',
      isProven: true,
      updatedAt: expect.any(Date),
      name: 'root disk',
      description: 'of the shop',
      bootable: true,
      metadata: { owner: 'them', tier: 'gold', src_backup_id: backupId },
      imageMetadata: { os_distro: 'debian' },
    });
    expect(await catalog.findVolume(volume.id, 'all-projects')).toEqual(completed);
  });

  it('yields to what the user gave (S-62, W-15)', async () => {
    const given = { name: 'mine', description: 'my own', metadata: { owner: 'me' } };
    const completed = await completeFromBackup(catalog, SOURCE, given);
    const { backupId } = completed;
    expect(completed).toMatchObject({ ...given, metadata: { owner: 'me', tier: 'gold', src_backup_id: backupId } });
  });

  it('counts as it was noted last, whichever attempt completes the volume (S-63)', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const note = async (volumeMeta: VolumeMeta | null) => {
      const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
      await catalog.noteBackupMetadata(volume.id, epoch, volumeMeta);
    };
    await note(volumeMetaOf(SOURCE));
    await note(volumeMetaOf({ userMetadata: { tier: 'tin' } }));
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const completed = await catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
    expect(completed).toMatchObject({ metadata: { tier: 'tin', src_backup_id: backupId }, imageMetadata: {} });
    expect(completed.metadata).not.toHaveProperty('owner');
  });

  it('may be nothing, and then leaves src_backup_id only (S-60)', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    await catalog.noteBackupMetadata(volume.id, epoch, volumeMetaOf(SOURCE));
    await catalog.noteBackupMetadata(volume.id, epoch, null);
    const completed = await catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
    expect(completed).toMatchObject({ name: volume.name, bootable: false, imageMetadata: {} });
    expect(completed.metadata).toEqual({ src_backup_id: backupId });
  });

  it('is not noted by a writer that has been replaced, or whose volume has failed or is gone', async () => {
    const { id } = await accept(catalog);
    const first = await catalog.beginWriting(id, { maxGapMs: 1000 });
    const second = await catalog.beginWriting(id, { maxGapMs: 1000 });
    const note = (volumeId: string, epoch: number) => outcomeOf(catalog.noteBackupMetadata(volumeId, epoch, null));
    expect(await note(id, first.epoch)).toBe('Fenced');
    expect(await note(id, second.epoch)).toBe('ok');
    await catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    expect(await note(id, second.epoch)).toBe('Fenced');
    expect(await note(randomUUID(), 0)).toBe('Fenced');
  });

  it('does not show in a volume that fails', async () => {
    const { volume } = await acceptFromBackup(catalog, { name: null });
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    await catalog.noteBackupMetadata(volume.id, epoch, volumeMetaOf(SOURCE));
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    const failed = await catalog.findVolume(volume.id, 'all-projects');
    expect(failed).toMatchObject({ status: 'error', name: null, bootable: false, imageMetadata: {} });
    expect(failed?.metadata).toEqual({});
  });

  it('keeps keys that JavaScript minds', async () => {
    const userMetadata = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Record<string, string>;
    const { metadata } = await completeFromBackup(catalog, { userMetadata });
    expect(Object.keys(metadata).sort()).toEqual(['__proto__', 'constructor', 'src_backup_id']);
  });
});

describe('a bootable volume', () => {
  it('is found as one (H-54)', async () => {
    const { id, projectId } = await completeFromBackup(catalog, { bootable: true });
    await accept(catalog, { projectId });
    const page = { visibility: { projectId }, sort: [], offset: 0, limit: 10, marker: null };
    const { rows } = await catalog.listVolumes({ ...page, filter: { bootable: true } });
    expect(rows.map((volume) => volume.id)).toEqual([id]);
  });
});
