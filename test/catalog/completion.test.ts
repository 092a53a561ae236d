import { randomUUID } from 'node:crypto';
import type { Catalog, CompletedVolume } from '../../src/catalog/catalog';
import { accept, acceptFromBackup, openTestCatalog, outcomeOf, REASON, tally, times, RUN } from './arrange';
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

async function statusesOf(volumeId: string, backupId: string): Promise<(string | undefined)[]> {
  const volume = await catalog.findVolume(volumeId, 'all-projects');
  const backup = await catalog.findBackup(backupId, 'all-projects');
  return [volume?.status, backup?.status];
}

describe('completeVolume', () => {
  it('makes volume and backup available in one step (S-34)', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const completed = await catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
    expect(completed).toMatchObject({ status: 'available', updatedAt: expect.any(Date) });
    expect(await statusesOf(volume.id, backupId)).toEqual(['available', 'available']);
  });

  it('answers the same when it is repeated, also at once', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const completed = { volumeId: volume.id, written: { epoch, backupId } };
    const first = await catalog.completeVolume(completed);
    const again = await Promise.all(times(5, () => catalog.completeVolume(completed)));
    expect(again).toEqual(times(5, () => first));
  });

  it.each(['in-use', 'attaching', 'error'])(
    'answers the same when the volume is %s by the time that a missed answer is asked for again',
    async (status) => {
      const { volume, backupId } = await acceptFromBackup(catalog);
      const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
      const completed = { volumeId: volume.id, written: { epoch, backupId } };
      await catalog.completeVolume(completed);
      if (status === 'error') await catalog.resetVolume(volume.id, { status });
      else await catalog.reserveVolume(volume.id);
      const attachment = { serverId: randomUUID(), hostName: null, device: '/dev/vdb', mode: 'rw' } as const;
      if (status === 'in-use') await catalog.attachVolume(volume.id, attachment);

      expect(await outcomeOf(catalog.completeVolume(completed))).toBe('ok');
      expect(await statusesOf(volume.id, backupId)).toEqual([status, 'available']);
    },
  );

  it('leaves the backup to its next reader when it is repeated late', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const completed = { volumeId: volume.id, written: { epoch: 0, backupId } };
    await catalog.completeVolume(completed);
    const next = await accept(catalog, { projectId: volume.projectId, backupId });
    await catalog.lockBackup(backupId, next.id);
    await catalog.completeVolume(completed);
    expect(await statusesOf(volume.id, backupId)).toEqual(['available', 'restoring']);
  });

  it('takes no word of whoever made the volume for the end of a restore into it', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const completed = { volumeId: volume.id, written: { epoch, backupId } };
    await catalog.completeVolume(completed);
    const { projectId } = volume;
    const expiresAt = '2999-01-01T00:00:00Z';
    await catalog.acceptRestore({ volumeId: volume.id, backupId, projectId, requestId: 'req-1', expiresAt }, 'a run');
    expect(await outcomeOf(catalog.completeVolume(completed))).toBe('Fenced');
    await catalog.completeVolume({ ...completed, written: null });
    expect(await statusesOf(volume.id, backupId)).toEqual(['restoring-backup', 'restoring']);
  });

  it('fences a writer that has been replaced', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const written = { epoch, backupId };
    expect(await outcomeOf(catalog.completeVolume({ volumeId: volume.id, written }))).toBe('Fenced');
    expect(await statusesOf(volume.id, backupId)).toEqual(['creating', 'restoring']);
  });

  it('is refused for a volume that is being deleted, has failed, or is unknown', async () => {
    const deleting = await accept(catalog);
    await catalog.beginDeletion(deleting.id, RUN);
    const failed = await accept(catalog);
    await catalog.failVolume({ volumeId: failed.id, runId: RUN, reason: REASON });
    const complete = (volumeId: string, written: CompletedVolume['written']) =>
      catalog.completeVolume({ volumeId, written });
    const written = { epoch: 0, backupId: randomUUID() };
    expect(await outcomeOf(complete(deleting.id, written))).toBe('Conflict');
    expect(await outcomeOf(complete(failed.id, written))).toBe('Fenced');
    expect(await outcomeOf(complete(failed.id, null))).toBe('Conflict');
    expect(await outcomeOf(complete(randomUUID(), null))).toBe('Conflict');
  });
});

describe('failVolume', () => {
  it('ends in error, never error_restoring, with a message under the create request (S-45, H-102, H-121)', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    expect(await statusesOf(volume.id, backupId)).toEqual(['error', 'available']);
    const messages = await catalog.listMessages(volume.projectId, { requestId: volume.requestId });
    expect(messages).toMatchObject([
      {
        projectId: volume.projectId,
        requestId: volume.requestId,
        resourceType: 'VOLUME',
        resourceId: volume.id,
        eventId: 'VOLUME_VOLUME_015_026',
        text: 'restore backup:The object is damaged.',
        level: 'ERROR',
      },
    ]);
  });

  it('leaves one message however often it is called', async () => {
    const { volume } = await acceptFromBackup(catalog);
    const failed = { volumeId: volume.id, runId: RUN, reason: REASON };
    expect(await tally(times(20, () => catalog.failVolume(failed)))).toEqual({ ok: 20 });
    expect(await catalog.listMessages(volume.projectId, {})).toHaveLength(1);
  });

  it('keeps host and quota (S-54)', async () => {
    const volume = await accept(catalog, { sizeGib: 2 });
    await catalog.placeVolume({ volumeId: volume.id, choose: () => 'control@files#pool' });
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    expect(await catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ host: 'control@files#pool' });
    expect(await catalog.quotaUsage(volume.projectId)).toMatchObject({ volumes: 1, gigabytes: 2 });
  });

  it('yields to a deletion: no status, no message, but the backup is free', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    await catalog.beginDeletion(volume.id, RUN);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    expect(await statusesOf(volume.id, backupId)).toEqual(['deleting', 'available']);
    await catalog.finishDeletion(volume.id);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    expect(await catalog.listMessages(volume.projectId, {})).toEqual([]);
  });

  it('does not touch a volume that is available, nor one that does not exist', async () => {
    const volume = await accept(catalog);
    await catalog.completeVolume({ volumeId: volume.id, written: null });
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    await catalog.failVolume({ volumeId: randomUUID(), runId: RUN, reason: REASON });
    expect(await catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ status: 'available' });
  });

  it('stores what can be stored of a message with a NUL', async () => {
    const volume = await accept(catalog);
    await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: { ...REASON, detail: 'name a\0b' } });
    expect(await catalog.listMessages(volume.projectId, {})).toMatchObject([{ text: 'restore backup:name ab' }]);
  });

  it('and completeVolume at once: exactly one of them wins', async () => {
    const { volume, backupId } = await acceptFromBackup(catalog);
    const complete = catalog.completeVolume({ volumeId: volume.id, written: { epoch: 0, backupId } });
    const [completed] = await Promise.all([
      outcomeOf(complete),
      catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON }),
    ]);
    const expected = completed === 'ok' ? 'available' : 'error';
    expect(['ok', 'Fenced']).toContain(completed);
    expect(await statusesOf(volume.id, backupId)).toEqual([expected, 'available']);
  });
});
