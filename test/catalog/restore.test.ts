import { randomUUID } from 'node:crypto';
import type { Catalog, FailedRestore } from '../../src/catalog/catalog';
import type { RestoreVolumeRequest } from '../../src/domain/restore';
import type { Volume } from '../../src/domain/volume';
import { accept, importOf, newProject, openTestCatalog, outcomeOf, tally, times, volumeMetaOf } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;
let projectId: string;
beforeAll(async () => {
  opened = await openTestCatalog();
  ({ catalog } = opened);
});
beforeEach(() => {
  projectId = newProject();
});
afterAll(() => opened.close());

const CHECKPOINT = { target: 't', bootId: 'b', zerosDone: true, finished: [] };

async function volume(): Promise<Volume> {
  const { id } = await accept(catalog, { projectId });
  return catalog.completeVolume({ volumeId: id, written: null });
}
const backup = async (): Promise<string> => (await catalog.importBackup(importOf({ projectId }))).id;
const requestOf = (volumeId: string, backupId: string): RestoreVolumeRequest => ({
  ...{ volumeId, backupId, projectId },
  requestId: `req-${randomUUID()}`,
  expiresAt: '2999-01-01T00:00:00Z',
});
const failureOf = (volumeId: string, runId: string): FailedRestore => ({
  ...{ volumeId, runId },
  failure: { code: 'NoProgress', message: 'It hangs.' },
});
const statuses = async (volumeId: string, backupId: string) => [
  (await catalog.findVolume(volumeId, 'all-projects'))?.status,
  (await catalog.findBackup(backupId, 'all-projects'))?.status,
];
const messages = async (requestId: string) => (await catalog.listMessages(projectId, { requestId })).map((m) => m.text);

/** A restore that has begun to write. */
async function written(): Promise<{ id: string; from: string; request: RestoreVolumeRequest; epoch: number }> {
  const [{ id }, from] = [await volume(), await backup()];
  const request = requestOf(id, from);
  await catalog.acceptRestore(request, 'one');
  const { epoch } = await catalog.beginWriting(id, { maxGapMs: 1000 });
  await catalog.noteBackupMetadata(id, epoch, volumeMetaOf());
  await catalog.saveCheckpoint(id, epoch, CHECKPOINT);
  return { id, from, request, epoch };
}

describe('acceptRestore', () => {
  it('locks volume and backup in one step, and answers its own run the same again (H-72)', async () => {
    const [{ id, epoch }, from] = [await volume(), await backup()];
    const request = requestOf(id, from);
    const answers = await Promise.all(times(5, () => catalog.acceptRestore(request, 'one')));
    expect(answers.map(({ status }) => status)).toEqual(times(5, () => 'restoring-backup'));
    expect(await statuses(id, from)).toEqual(['restoring-backup', 'restoring']);
    const found = await catalog.findVolume(id, 'all-projects');
    expect(found).toMatchObject({ restore: { backupId: from, requestId: request.requestId } });
    expect(found!.epoch).toBeGreaterThan(epoch);
  });

  it('lets one of many volumes have a backup, and leaves the others as they were (W-6)', async () => {
    const from = await backup();
    const volumes = await Promise.all(times(5, volume));
    expect(
      await tally(volumes.map(({ id }, index) => catalog.acceptRestore(requestOf(id, from), `run ${index}`))),
    ).toEqual({
      ok: 1,
      InvalidBackup: 4,
    });
    const found = await Promise.all(volumes.map(async ({ id }) => (await statuses(id, from))[0]));
    expect(found.sort()).toEqual([...times(4, () => 'available'), 'restoring-backup']);
  });

  it('knows no volume of another project, and no request that is too late; nothing is locked by either (H-28)', async () => {
    const [{ id }, from] = [await volume(), await backup()];
    const request = requestOf(id, from);
    expect(await outcomeOf(catalog.acceptRestore({ ...request, projectId: newProject() }, 'one'))).toBe(
      'VolumeNotFound',
    );
    expect(await outcomeOf(catalog.acceptRestore({ ...request, expiresAt: '2001-01-01T00:00:00Z' }, 'one'))).toBe(
      'RequestExpired',
    );
    expect(await statuses(id, from)).toEqual(['available', 'available']);
  });

  it('goes on from the checkpoint of a failed restore of the same backup, and of no other', async () => {
    const same = await written();
    await catalog.failRestore(failureOf(same.id, 'one'));
    await catalog.acceptRestore(requestOf(same.id, same.from), 'two');
    expect((await catalog.beginWriting(same.id, { maxGapMs: 1000 })).checkpoint).toEqual(CHECKPOINT);

    const other = await written();
    await catalog.failRestore(failureOf(other.id, 'one'));
    await catalog.acceptRestore(requestOf(other.id, await backup()), 'two');
    expect((await catalog.beginWriting(other.id, { maxGapMs: 1000 })).checkpoint).toBeNull();
  });

  it('takes over from a run that was terminated, which has nothing to say any more', async () => {
    const { id, from, epoch } = await written();
    await catalog.acceptRestore(requestOf(id, from), 'two');
    await catalog.failRestore(failureOf(id, 'one'));
    await catalog.withdrawRestore(failureOf(id, 'one'));
    expect(await outcomeOf(catalog.completeVolume({ volumeId: id, written: { epoch, backupId: from } }))).toBe(
      'Fenced',
    );
    expect(await statuses(id, from)).toEqual(['restoring-backup', 'restoring']);
  });
});

describe('failRestore', () => {
  it('frees the backup, fences the writer, and says once that a part is replaced (H-102)', async () => {
    const { id, from, request, epoch } = await written();
    await Promise.all(times(3, () => catalog.failRestore(failureOf(id, 'one'))));
    expect(await statuses(id, from)).toEqual(['error_restoring', 'available']);
    expect(await outcomeOf(catalog.noteWriting(id, epoch, 1))).toBe('Fenced');
    expect(await messages(request.requestId)).toEqual([expect.stringContaining('is replaced')]);
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ isProven: false });
  });

  it('leaves a volume proven of which nothing was written, and says so', async () => {
    const [{ id }, from] = [await volume(), await backup()];
    const request = requestOf(id, from);
    await catalog.acceptRestore(request, 'one');
    await catalog.failRestore(failureOf(id, 'one'));
    expect(await messages(request.requestId)).toEqual([expect.stringContaining('Nothing was written')]);
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ isProven: true });
  });
});

describe('withdrawRestore', () => {
  it('makes everything as it was', async () => {
    const [{ id }, from] = [await volume(), await backup()];
    await catalog.acceptRestore(requestOf(id, from), 'one');
    await Promise.all(times(3, () => catalog.withdrawRestore(failureOf(id, 'one'))));
    expect(await statuses(id, from)).toEqual(['available', 'available']);
    expect(await catalog.findVolume(id, 'all-projects')).toMatchObject({ restore: null, isProven: true });
  });

  it('of a volume that was half written before is a failure: nobody takes it for whole', async () => {
    const { id, from } = await written();
    await catalog.failRestore(failureOf(id, 'one'));
    const request = requestOf(id, from);
    await catalog.acceptRestore(request, 'two');
    await catalog.withdrawRestore(failureOf(id, 'two'));
    expect(await statuses(id, from)).toEqual(['error_restoring', 'available']);
    expect(await messages(request.requestId)).toHaveLength(1);
  });
});
