import type { ImportedBackup } from '../../src/catalog/catalog';
import { accept, importOf } from '../catalog/arrange';
import { messageOf, startApi } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

const make = async (backup: Partial<ImportedBackup> = {}): Promise<string> =>
  (await here.catalog.importBackup(importOf({ projectId: here.project, name: 'a', ...backup }))).id;
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];
const shown = async (id: string) => (await ask(`/backups/${id}`, { version: 71 })).body.backup;
const remove = (id: string) => ask(`/backups/${id}`, { method: 'DELETE' });
/** A volume that reads it. */
const read = async (backupId: string): Promise<string> => {
  const { id } = await accept(here.catalog, { projectId: here.project, backupId });
  await here.catalog.lockBackup(backupId, id);
  return id;
};

describe('PUT /backups/{id}', () => {
  const put = (id: string, backup: unknown, version = 71) =>
    ask(`/backups/${id}`, { method: 'PUT', body: { backup }, version });

  it('changes what is named, by 200 and a summary (H-67, H-161e)', async () => {
    const id = await make();
    const answer = await put(id, { name: ' n ', metadata: { k: 'v' } });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body.backup)).toEqual(['id', 'name', 'links']);
    expect(await shown(id)).toMatchObject({ name: 'n', description: null, metadata: { k: 'v' } });
    expect((await put(id, {})).status).toBe(200);
  });

  it('does not exist before 3.9, and knows no metadata before 3.43 (H-5, H-67)', async () => {
    const id = await make();
    expect(said(await put(id, { name: 'x' }, 8))).toEqual([404, 'The resource could not be found.']);
    expect((await put(id, { name: 'x' }, 9)).status).toBe(200);
    expect(messageOf(await put(id, { metadata: {} }, 42))).toMatch(/'metadata' was unexpected/);
  });

  it.each([
    [{ name: 'x'.repeat(256) }, /is too long$/],
    [{ description: 5 }, /5 is not of type 'string', 'null'$/],
    [{ name: 'a\0' }, /cannot be stored$/],
    [{ size: 2 }, /'size' was unexpected/],
  ])('refuses %j, and writes nothing (H-67, H-33)', async (backup, message) => {
    const id = await make();
    expect(said(await put(id, backup))).toEqual([400, expect.stringMatching(message)]);
    expect(await shown(id)).toMatchObject({ name: 'a', updated_at: null });
  });
});

describe('DELETE /backups/{id}', () => {
  it('forgets the record, by an empty 202, and takes it again by import (H-69, H-76)', async () => {
    const backup = importOf({ projectId: here.project });
    await here.catalog.importBackup(backup);
    expect(said(await remove(backup.id))).toEqual([202, '']);
    expect(said(await remove(backup.id))).toEqual([404, `Backup ${backup.id} could not be found.`]);
    expect((await ask('/backups')).body.backups).toEqual([]);
    await here.catalog.importBackup(backup);
    expect((await shown(backup.id)).status).toBe('available');
  });

  it('keeps what a volume reads, and what another backup builds on (H-69)', async () => {
    const parent = await make();
    const child = await make({ parentId: parent });
    expect(said(await remove(parent))).toEqual([400, 'Invalid backup: Incremental backups exist for this backup.']);
    await read(child);
    expect(said(await remove(child))).toEqual([400, 'Invalid backup: Backup status must be available or error']);
    expect([(await shown(parent)).status, (await shown(child)).status]).toEqual(['available', 'restoring']);
  });
});

describe('POST /backups/{id}/action', () => {
  const reset = (id: string, asked: unknown) => ask(`/backups/${id}/action`, { body: { 'os-reset_status': asked } });

  it('resets a backup to error and back (H-70, H-161g)', async () => {
    const id = await make();
    expect(said(await reset(id, { status: 'ERROR' }))).toEqual([202, '']);
    expect((await shown(id)).status).toBe('error');
    expect((await reset(id, { status: 'available' })).status).toBe(202);
    expect((await shown(id)).status).toBe('available');
  });

  it('leaves a backup alone that a volume reads, and says which (S-47)', async () => {
    const id = await make();
    const reader = await read(id);
    const answer = await reset(id, { status: 'error' });
    expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining(reader)]);
    expect((await shown(id)).status).toBe('restoring');
  });

  it.each([
    [{ status: 'restoring' }, "Backup status: restoring is invalid, valid statuses are: ['available', 'error']."],
    [{ status: '' }, "Backup status:  is invalid, valid statuses are: ['available', 'error']."],
    [{ status: null }, "Invalid input for field/attribute status. Value: None. None is not of type 'string'"],
  ])('refuses %j (H-70)', async (asked, message) => {
    expect(said(await reset(await make(), asked))).toEqual([400, message]);
  });
});

describe('POST /backups/{id}/action os-force_delete', () => {
  const force = (id: string, value: unknown = null) =>
    ask(`/backups/${id}/action`, { body: { 'os-force_delete': value } });

  it.each(['creating', 'deleting', 'error_deleting', 'restoring', 'error'])(
    'deletes one that is %s (H-70)',
    async (status) => {
      const id = await make();
      await here.api.database.query('update backups set status = $2 where id = $1', [id, status]);
      expect(said(await force(id, {}))).toEqual([202, '']);
      expect((await ask(`/backups/${id}`)).status).toBe(404);
    },
  );

  it('keeps what a volume reads, and what another backup builds on (H-69)', async () => {
    const parent = await make();
    const child = await make({ parentId: parent });
    expect(said(await force(parent))).toEqual([400, 'Invalid backup: Incremental backups exist for this backup.']);
    const reader = await read(child);
    expect(said(await force(child))).toEqual([400, expect.stringContaining(reader)]);
    expect([(await shown(parent)).status, (await shown(child)).status]).toEqual(['available', 'restoring']);
    expect(said(await force('unknown'))).toEqual([404, 'Backup unknown could not be found.']);
  });
});

it('hands a deletion to the workflow where the objects go too: the backup is deleting until they are gone', async () => {
  const other = await startApi({ settings: { deleteBackupObjects: true } });
  try {
    const caller = other.caller();
    const { id } = await other.catalog.importBackup(importOf({ projectId: caller.project }));
    expect((await caller.ask(`/backups/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect((await caller.ask(`/backups/${id}`)).body.backup.status).toBe('deleting');
  } finally {
    await other.close();
  }
});

it('makes no backups, and says so (H-68)', async () => {
  const answer = await ask('/backups', { body: { backup: { volume_id: 'v' } } });
  expect(said(answer)).toEqual([400, expect.stringMatching(/not backups of volumes/)]);
});
