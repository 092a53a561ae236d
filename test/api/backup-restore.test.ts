import type { ImportedBackup } from '../../src/catalog/catalog';
import { accept, importOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

const backup = async (asked: Partial<ImportedBackup> = {}): Promise<string> =>
  (await here.catalog.importBackup(importOf({ projectId: here.project, ...asked }))).id;
const volume = async (sizeGib = 1, projectId = here.project): Promise<string> => {
  const { id } = await accept(here.catalog, { projectId, sizeGib, name: 'there already' });
  await here.catalog.completeVolume({ volumeId: id, written: null });
  return id;
};
const restore = (id: string, body: unknown = {}) => ask(`/backups/${id}/restore`, { body: { restore: body } });
const said = (answer: Answer): unknown => [answer.status, messageOf(answer)];
const statusOf = async (path: string): Promise<string> => {
  const { body } = await ask(path);
  return (path.startsWith('/volumes') ? body.volume : body.backup).status;
};
const UNKNOWN = '11111111-2222-3333-4444-555555555555';

describe('POST /backups/{id}/restore with a volume', () => {
  it('answers 202 with both ids and the name, the volume restoring-backup, the backup restoring (H-72)', async () => {
    const [id, into] = [await backup(), await volume()];
    const answer = await restore(id, { volume_id: into, name: 'of no account' });
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text)).toEqual({
      restore: { backup_id: id, volume_id: into, volume_name: 'there already' },
    });
    expect([await statusOf(`/volumes/${into}`), await statusOf(`/backups/${id}`)]).toEqual([
      'restoring-backup',
      'restoring',
    ]);
  });

  it('refuses one that is too small or not available, its status first (H-73)', async () => {
    const big = await backup({ sizeGib: 2 });
    const small = await volume(1);
    expect(said(await restore(big, { volume_id: small }))).toEqual([
      400,
      'Invalid volume: volume size 1 is too small to restore backup of size 2.',
    ]);
    const { id: creating } = await accept(here.catalog, { projectId: here.project, sizeGib: 1 });
    for (const into of [creating, await reserved()]) {
      expect(said(await restore(big, { volume_id: into }))).toEqual([
        400,
        'Invalid volume: Volume to be restored to must be available',
      ]);
    }
    expect(await statusOf(`/backups/${big}`)).toBe('available');
  });

  it('refuses a backup that is not available before it looks at the volume (H-73)', async () => {
    const id = await backup();
    await here.catalog.resetBackup(id, 'error');
    for (const into of [UNKNOWN, await volume()]) {
      expect(said(await restore(id, { volume_id: into }))).toEqual([
        400,
        'Invalid backup: Backup status must be available',
      ]);
    }
  });

  it('refuses the second of two restores, of one backup or into one volume (W-6)', async () => {
    const [first, second, into] = [await backup(), await backup(), await volume()];
    expect((await restore(first, { volume_id: into })).status).toBe(202);
    expect(said(await restore(first, { volume_id: await volume() }))).toEqual([
      400,
      'Invalid backup: Backup status must be available',
    ]);
    expect(said(await restore(second, { volume_id: into }))).toEqual([
      400,
      'Invalid volume: Volume to be restored to must be available',
    ]);
  });

  it('is answered 404 for what does not exist, the backup first (H-73)', async () => {
    expect(said(await restore(UNKNOWN, { volume_id: UNKNOWN }))).toEqual([
      404,
      `Backup ${UNKNOWN} could not be found.`,
    ]);
    expect(said(await restore(await backup(), { volume_id: UNKNOWN }))).toEqual([
      404,
      `Volume ${UNKNOWN} could not be found.`,
    ]);
  });

  it('goes on after a failure, by rekindle-retry or another restore, and leaves DELETE to its owner (H-57, S-47)', async () => {
    const [id, into] = [await backup(), await volume()];
    await failRestore(id, into);
    expect(await statusOf(`/volumes/${into}`)).toBe('error_restoring');

    expect((await ask(`/volumes/${into}/action`, { body: { 'rekindle-retry': null } })).status).toBe(202);
    expect([await statusOf(`/volumes/${into}`), await statusOf(`/backups/${id}`)]).toEqual([
      'restoring-backup',
      'restoring',
    ]);
    expect((await ask(`/volumes/${into}`, { method: 'DELETE' })).status).toBe(400);
    expect(said(await ask(`/backups/${id}`, { method: 'DELETE' }))).toEqual([
      400,
      'Invalid backup: Backup status must be available or error',
    ]);

    const other = await volume();
    await failRestore(await backup(), other);
    expect((await ask(`/volumes/${other}`, { method: 'DELETE' })).status).toBe(202);
  });

  it('is never undone by the retry of a create: the volume has been available since (H-60)', async () => {
    const id = await backup();
    const { id: made } = await accept(here.catalog, { projectId: here.project, backupId: id });
    await here.catalog.completeVolume({ volumeId: made, written: null });
    await ask(`/volumes/${made}/action`, { body: { 'os-reset_status': { status: 'error' } } });
    const answer = await ask(`/volumes/${made}/action`, { body: { 'rekindle-retry': null } });
    expect(said(answer)).toEqual([400, expect.stringContaining('would overwrite what it holds')]);
  });

  async function reserved(): Promise<string> {
    const id = await volume();
    await here.catalog.reserveVolume(id);
    return id;
  }

  async function failRestore(backupId: string, volumeId: string): Promise<void> {
    const request = {
      volumeId,
      backupId,
      projectId: here.project,
      requestId: 'req-1',
      expiresAt: '2999-01-01T00:00:00Z',
    };
    await here.catalog.acceptRestore(request, 'run');
    await here.catalog.failRestore({
      volumeId,
      failure: { code: 'BackupDamaged', message: 'it is damaged' },
      runId: 'run',
    });
  }
});

describe('POST /backups/{id}/restore without a volume', () => {
  it('creates one of the size of the backup, named after it, and answers at once (H-74, W-19)', async () => {
    const id = await backup({ sizeGib: 3 });
    const answer = await restore(id);
    const { restore: summary } = JSON.parse(answer.text);
    expect([answer.status, summary]).toEqual([
      202,
      { backup_id: id, volume_id: expect.any(String), volume_name: `restore_backup_${id}` },
    ]);
    expect((await ask(`/volumes/${summary.volume_id}`)).body.volume).toMatchObject({
      size: 3,
      status: 'creating',
      description: 'auto-created_from_restore_from_backup',
    });
    expect(await statusOf(`/backups/${id}`)).toBe('restoring');
  });

  it.each([
    ['its name, if it is given one', { name: 'mine', volume_id: null }, 'mine'],
    ['null for {}, where Cinder fails (H-72)', null, expect.stringMatching(/^restore_backup_/)],
  ])('takes %s', async (_what, body, name) => {
    const answer = await restore(await backup(), body);
    expect([answer.status, JSON.parse(answer.text).restore.volume_name]).toEqual([202, name]);
  });

  it('refuses a backup that is not available, and says quotas without their class (H-73)', async () => {
    const id = await backup();
    await restore(id);
    expect(said(await restore(id))).toEqual([400, 'Invalid backup: Backup status must be available']);
    await here.catalog.setQuota(here.project, { gigabytes: 1 });
    expect(said(await restore(await backup({ sizeGib: 5 })))).toEqual([
      413,
      'Requested volume or snapshot exceeds allowed gigabytes quota. Requested 5G, quota is 1G and 1G has been consumed.',
    ]);
  });
});

it.each([
  [{}, "'restore' is a required property"],
  [{ restore: {}, x: 1 }, "Additional properties are not allowed ('x' was unexpected)"],
  [{ restore: { size: 1 } }, expect.stringContaining("Additional properties are not allowed ('size' was unexpected)")],
  [{ restore: { volume_id: 'nope' } }, expect.stringContaining("'nope' is not valid under any of the given schemas")],
  [{ restore: { name: 'x'.repeat(256) } }, expect.stringMatching(/is too long$/)],
  [{ restore: [] }, expect.stringMatching(/is not of type 'object'/)],
])('refuses the body %j (H-33, H-72)', async (body, message) => {
  expect(said(await ask(`/backups/${await backup()}/restore`, { body }))).toEqual([400, message]);
});
