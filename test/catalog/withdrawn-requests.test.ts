import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../src/catalog/catalog';
import type { Volume } from '../../src/domain/volume';
import { accept, DEFAULTS, importOf, newProject, openTestCatalog, outcomeOf, poolOf, requestOf, RUN } from './arrange';
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

const LATER = '2999-01-01T00:00:00Z';
const FAILURE = { code: 'NoProgress', message: 'It took too long.' } as const;
const POOL = 'control@files#withdrawn';

async function availableVolume(): Promise<Volume> {
  await catalog.reportPools([poolOf({ name: POOL })]);
  const { id } = await accept(catalog, { projectId });
  await catalog.placeVolume({ volumeId: id, choose: () => POOL });
  return catalog.completeVolume({ volumeId: id, written: null });
}

const statusOf = async (volumeId: string) => (await catalog.findVolume(volumeId, 'all-projects'))?.status;
const newRun = () => randomUUID();

/** For requests about a volume or a backup that is there. */
function asked(): { readonly projectId: string; readonly requestId: string; readonly expiresAt: string } {
  return { projectId, requestId: `req-${randomUUID()}`, expiresAt: LATER };
}

describe('an attempt that comes when its request has been withdrawn', () => {
  it('makes no volume: its caller was told that there is none', async () => {
    const request = requestOf({ projectId });
    const runId = newRun();
    await catalog.withdrawVolume({ volumeId: request.volumeId, expiresAt: LATER, runId });
    expect(await outcomeOf(catalog.acceptVolume(request, DEFAULTS, runId))).toBe('RequestExpired');
    expect(await statusOf(request.volumeId)).toBeUndefined();
    expect(await catalog.quotaUsage(projectId)).toMatchObject({ volumes: 0 });
  });

  it('retries no volume', async () => {
    const { id: backupId } = await catalog.importBackup(importOf({ projectId }));
    const request = requestOf({ projectId, backupId });
    const runId = newRun();
    await catalog.acceptVolume(request, DEFAULTS, RUN);
    await catalog.failVolume({
      volumeId: request.volumeId,
      reason: { detail: 'x', action: 'createVolume', detailId: '001' },
      runId: RUN,
    });
    await catalog.withdrawVolume({ volumeId: request.volumeId, expiresAt: LATER, runId });
    expect(await outcomeOf(catalog.acceptVolume(request, DEFAULTS, runId))).toBe('RequestExpired');
    expect(await statusOf(request.volumeId)).toBe('error');
  });

  it('restores into no volume', async () => {
    const { id: volumeId } = await availableVolume();
    const { id: backupId } = await catalog.importBackup(importOf({ projectId }));
    const runId = newRun();
    await catalog.withdrawRestore({ volumeId, runId, failure: FAILURE });
    expect(await outcomeOf(catalog.acceptRestore({ ...asked(), volumeId, backupId }, runId))).toBe('RequestExpired');
    expect(await statusOf(volumeId)).toBe('available');
  });

  it('extends no volume', async () => {
    const { id: volumeId } = await availableVolume();
    const runId = newRun();
    await catalog.withdrawExtension({ volumeId, runId, failure: FAILURE });
    const late = catalog.acceptExtension({ ...asked(), volumeId, newSizeGib: 2 }, { runId, reportMaxAgeMs: 60_000 });
    expect(await outcomeOf(late)).toBe('RequestExpired');
    expect(await statusOf(volumeId)).toBe('available');
  });
});

describe('an attempt that comes when its deletion has been refused', () => {
  it('deletes no volume, although it could be deleted by now (H-57)', async () => {
    const { id } = await availableVolume();
    const runId = newRun();
    await opened.database.query("update volumes set status = 'in-use' where id = $1", [id]);
    expect(await outcomeOf(catalog.beginDeletion(id, runId))).toBe('InvalidVolume');
    await opened.database.query("update volumes set status = 'available' where id = $1", [id]);
    expect(await outcomeOf(catalog.beginDeletion(id, runId))).toBe('RequestExpired');
    expect(await statusOf(id)).toBe('available');
    expect(await outcomeOf(catalog.beginDeletion(id, newRun()))).toBe('ok');
  });

  it('deletes no backup, likewise (H-69)', async () => {
    const { id } = await catalog.importBackup(importOf({ projectId }));
    const runId = newRun();
    await opened.database.query("update backups set status = 'restoring' where id = $1", [id]);
    expect(await outcomeOf(catalog.beginBackupDeletion(id, runId, false))).toBe('InvalidBackup');
    await opened.database.query("update backups set status = 'available' where id = $1", [id]);
    expect(await outcomeOf(catalog.beginBackupDeletion(id, runId, false))).toBe('RequestExpired');
    expect(await catalog.findBackup(id, 'all-projects')).toMatchObject({ status: 'available' });
  });
});

describe('withdrawing and accepting at once', () => {
  it('leaves nothing behind, whichever comes first', async () => {
    for (let round = 0; round < 20; round += 1) {
      const request = requestOf({ projectId });
      const runId = newRun();
      await Promise.all([
        outcomeOf(catalog.acceptVolume(request, DEFAULTS, runId)),
        catalog.withdrawVolume({ volumeId: request.volumeId, expiresAt: LATER, runId }),
      ]);
      expect(await statusOf(request.volumeId)).toBeUndefined();
    }
  });
});
