import { randomUUID } from 'node:crypto';
import { accept, acceptFromBackup, completeFromBackup, REASON, RUN } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

/** A volume that is available. */
const make = async (): Promise<string> => (await completeFromBackup(here.catalog, {}, { projectId: here.project })).id;
const act = (id: string, body: unknown, version = 71): Promise<Answer> =>
  ask(`/volumes/${id}/action`, { body, version });
const shown = async (id: string) => (await ask(`/volumes/${id}`, { version: 71 })).body.volume;
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];

describe('flags', () => {
  it.each([true, 'True', 'yes', '1'])('a volume becomes bootable by %j (H-62)', async (bootable) => {
    const id = await make();
    expect(said(await act(id, { 'os-set_bootable': { bootable } }))).toEqual([200, '']);
    expect((await shown(id))['bootable']).toBe('true');
    await act(id, { 'os-set_bootable': { bootable: false } });
    expect((await shown(id))['bootable']).toBe('false');
  });

  it('a volume becomes read-only, which shows in its metadata (H-62, H-45)', async () => {
    const id = await make();
    expect((await shown(id))['metadata']).not.toHaveProperty('readonly');
    expect(said(await act(id, { 'os-update_readonly_flag': { readonly: true } }))).toEqual([202, '']);
    expect((await shown(id))['metadata']).toMatchObject({ readonly: 'True' });
    expect((await ask(`/volumes/${id}/metadata`)).body).not.toMatchObject({ metadata: { readonly: 'True' } });
  });

  it('only an available volume becomes read-only (H-62)', async () => {
    const { id } = await accept(here.catalog, { projectId: here.project });
    const text = `Invalid volume: Volume ${id} status must be available to update readonly flag, but current status is: creating.`;
    expect(said(await act(id, { 'os-update_readonly_flag': { readonly: true } }))).toEqual([400, text]);
  });

  it.each([
    [{ 'os-set_bootable': { bootable: 'x' } }, /'x' is not one of/],
    [{ 'os-set_bootable': { bootable: null } }, /None is not of type 'boolean', 'string'$/],
    [{ 'os-set_bootable': {} }, /'bootable' is a required property$/],
    [{ 'os-set_bootable': null }, /None is not of type 'object'$/],
    [{ 'os-update_readonly_flag': { readonly: 5 } }, /5 is not of type 'boolean', 'string'$/],
    [{ 'os-update_readonly_flag': { readonly: true, x: 1 } }, /'x' was unexpected/],
  ])('refuses %j (H-62, H-33)', async (body, message) => {
    const answer = await act(await make(), body);
    expect(said(answer)).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('image metadata', () => {
  it('is set, merged and unset (H-62)', async () => {
    const id = await make();
    const set = (metadata: object) => act(id, { 'os-set_image_metadata': { metadata } });
    expect((await set({ os: 'x', min_disk: '1' })).body).toEqual({ metadata: { os: 'x', min_disk: '1' } });
    expect((await set({ os: 'y'.repeat(300) })).status).toBe(200);
    expect((await shown(id))['volume_image_metadata']).toEqual({ os: 'y'.repeat(300), min_disk: '1' });
    expect(said(await act(id, { 'os-unset_image_metadata': { key: 'os' } }))).toEqual([200, '']);
    expect((await act(id, { 'os-show_image_metadata': {} })).body).toEqual({ metadata: { min_disk: '1' } });
    const again = await act(id, { 'os-unset_image_metadata': { key: 'os' } });
    expect(said(again)).toEqual([404, `Glance metadata for volume/snapshot ${id} cannot be found.`]);
  });

  it.each([
    [{ 'os-set_image_metadata': { metadata: { k: 1 } } }, /1 is not of type 'string'$/],
    [{ 'os-set_image_metadata': { metadata: { k$: 'x' } } }, /does not match any of the regexes/],
    [{ 'os-set_image_metadata': { metadata: { k: 'é'.repeat(40_000) } } }, /is not a 'mysql_text'$/],
    [{ 'os-set_image_metadata': {} }, /'metadata' is a required property$/],
    [{ 'os-unset_image_metadata': { key: '' } }, /'' is too short$/],
  ])('refuses what it cannot be: %# (H-62, H-33)', async (body, message) => {
    expect(said(await act(await make(), body))).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('attaching', () => {
  const attach = (id: string, asked: object = {}) =>
    act(id, { 'os-attach': { host_name: 'h', mountpoint: '/dev/vdc', ...asked } });

  it('goes from available to in-use and back (H-63, H-45)', async () => {
    const id = await make();
    expect((await act(id, { 'os-reserve': null })).status).toBe(202);
    expect((await shown(id)).status).toBe('attaching');
    const server = randomUUID();
    expect(said(await attach(id, { instance_uuid: server }))).toEqual([202, '']);
    const volume = await shown(id);
    expect(volume).toMatchObject({ status: 'in-use', metadata: { attached_mode: 'rw' } });
    const attachment = { id, volume_id: id, server_id: server, host_name: 'h', device: '/dev/vdc' };
    expect(volume['attachments']).toEqual([
      { ...attachment, attachment_id: expect.any(String), attached_at: expect.any(String) },
    ]);
    expect((await act(id, { 'os-begin_detaching': {} })).status).toBe(202);
    expect((await act(id, { 'os-roll_detaching': {} })).status).toBe(202);
    expect((await shown(id)).status).toBe('in-use');
    expect((await act(id, { 'os-terminate_connection': { connector: {} } })).status).toBe(202);
    expect(said(await act(id, { 'os-detach': {} }))).toEqual([202, '']);
    expect(await shown(id)).toMatchObject({ status: 'available', attachments: [] });
  });

  it('is given up by os-unreserve, and by os-unreserve of nothing (H-63)', async () => {
    const id = await make();
    await act(id, { 'os-reserve': {} });
    await act(id, { 'os-unreserve': {} });
    expect((await act(id, { 'os-unreserve': {} })).status).toBe(202);
    expect((await shown(id)).status).toBe('available');
  });

  it('keeps what is attached from being deleted, even by force (H-57, H-61)', async () => {
    const id = await make();
    await attach(id);
    expect((await ask(`/volumes/${id}`, { method: 'DELETE' })).status).toBe(400);
    expect(messageOf(await act(id, { 'os-force_delete': {} }))).toMatch(
      /^Invalid volume: Volume must not be .*attached/,
    );
    expect((await shown(id)).status).toBe('in-use');
  });

  it('is refused where it cannot be (H-63)', async () => {
    const id = await make();
    await act(id, { 'os-update_readonly_flag': { readonly: true } });
    expect(said(await attach(id))).toEqual([400, `Invalid attaching mode 'rw' for volume ${id}.`]);
    expect((await attach(id, { mode: 'ro' })).status).toBe(202);
    expect((await attach(id, { mode: 'ro' })).status).toBe(202);
    expect(messageOf(await attach(id, { mode: 'ro', host_name: 'other' }))).toMatch(/already attached/);
    expect(messageOf(await act(id, { 'os-reserve': {} }))).toBe(
      'Invalid volume: Volume status must be available to reserve, but the status is in-use.',
    );
    expect(messageOf(await act(id, { 'os-detach': { attachment_id: randomUUID() } }))).toMatch(/could not be found/);
    const { id: creating } = await accept(here.catalog, { projectId: here.project });
    expect((await attach(creating)).status).toBe(400);
    expect((await act(creating, { 'os-begin_detaching': {} })).status).toBe(400);
    expect((await act(creating, { 'os-detach': null })).status).toBe(202);
    expect((await shown(creating)).status).toBe('creating');
  });

  it.each([
    [{ mountpoint: '' }, /'' is too short$/],
    [{ mountpoint: 'x'.repeat(256) }, /is too long$/],
    [{ instance_uuid: 'x' }, /is not valid under any of the given schemas$/],
    [{ host_name: undefined }, /is not valid under any of the given schemas$/],
    [{ mode: 'x' }, /x is not one of \['rw', 'ro'\]$/],
    [{ host_name: 'a\0' }, /cannot be stored$/],
  ])('refuses %j, and writes nothing (H-63, H-33)', async (asked, message) => {
    const id = await make();
    expect(said(await attach(id, asked))).toEqual([400, expect.stringMatching(message)]);
    expect((await shown(id)).status).toBe('available');
  });
});

describe('os-reset_status', () => {
  const reset = (id: string, asked: unknown) => act(id, { 'os-reset_status': asked });

  it.each(['error', 'ERROR', 'creating', 'attaching', 'maintenance', 'error_deleting', 'error_extending', 'available'])(
    'sets a volume that was available to %s, by 202 (H-60)',
    async (status) => {
      const id = await make();
      expect(said(await reset(id, { status }))).toEqual([202, '']);
      expect((await shown(id)).status).toBe(status.toLowerCase());
      expect((await reset(id, { status: 'available' })).status).toBe(202);
      expect((await shown(id)).status).toBe('available');
    },
  );

  it('forgets an attachment (H-60)', async () => {
    const id = await make();
    await act(id, { 'os-attach': { host_name: 'h', mountpoint: '/x' } });
    const asked = { status: 'available', attach_status: 'detached', migration_status: 'None' };
    expect((await reset(id, asked)).status).toBe(202);
    expect(await shown(id)).toMatchObject({ status: 'available', attachments: [] });
  });

  it.each([
    [{}, "Must specify 'status', 'attach_status' or 'migration_status' for update."],
    [{ status: '' }, "Must specify 'status', 'attach_status' or 'migration_status' for update."],
    [
      { status: 'foo' },
      /^Volume status: foo is invalid, valid statuses are: \('creating', 'available', .*'extending'\)\.$/,
    ],
    [{ status: 'deleting' }, 'Cannot reset-state to deleting'],
    [{ status: 'uploading' }, 'Cannot reset-state to uploading'],
    [{ status: 'in-use' }, 'Cannot reset-state to in-use because volume does not have any attachments.'],
    [{ attach_status: 'foo' }, "Volume attach status: foo is invalid, valid statuses are: ['attached', 'detached']."],
    [{ migration_status: 'migrating' }, /migrates no volumes/],
    [{ status: 5 }, /5 is not of type 'string', 'null'$/],
    [{ status: 'error', x: 1 }, /'x' was unexpected/],
    [null, /None is not of type 'object'$/],
  ])('refuses %j (H-60)', async (asked, message) => {
    const id = await make();
    const answer = await reset(id, asked);
    expect(answer.status).toBe(400);
    if (message instanceof RegExp) expect(messageOf(answer)).toMatch(message);
    else expect(messageOf(answer)).toBe(message);
    expect((await shown(id)).status).toBe('available');
  });

  it('leaves a volume alone that is being created or deleted, and says what to do (S-45)', async () => {
    const { volume, backupId } = await acceptFromBackup(here.catalog, { projectId: here.project });
    for (const status of ['available', 'error']) {
      expect(messageOf(await reset(volume.id, { status }))).toMatch(
        /is being created\. Wait for its end, or delete it/,
      );
    }
    expect((await shown(volume.id)).status).toBe('creating');
    expect((await ask(`/backups/${backupId}`)).body.backup.status).toBe('restoring');
    await here.catalog.beginDeletion(volume.id, 'some-run');
    expect(messageOf(await reset(volume.id, { status: 'error' }))).toMatch(/is being deleted\.$/);
  });

  it('makes nothing usable that was never verified (S-45)', async () => {
    const { id } = await accept(here.catalog, { projectId: here.project });
    await here.catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    expect(messageOf(await reset(id, { status: 'available' }))).toMatch(/its data has not been verified\.$/);
    expect((await reset(id, { status: 'error' })).status).toBe(202);
    expect((await shown(id)).status).toBe('error');
  });
});

describe('os-force_delete', () => {
  it.each(['creating', 'attaching', 'error', 'maintenance'])(
    'deletes a volume that is %s, also twice (H-61)',
    async (status) => {
      const id = await make();
      await act(id, { 'os-reset_status': { status } });
      expect(said(await act(id, { 'os-force_delete': null }))).toEqual([202, '']);
      expect((await act(id, { 'os-force_delete': {} })).status).toBe(202);
      expect((await shown(id)).status).toBe('deleting');
    },
  );

  it('is what DELETE does with force from 3.23 on (H-57)', async () => {
    const id = await make();
    await act(id, { 'os-reset_status': { status: 'maintenance' } });
    expect((await ask(`/volumes/${id}?force=true`, { method: 'DELETE', version: 22 })).status).toBe(400);
    expect((await ask(`/volumes/${id}?force=true`, { method: 'DELETE', version: 23 })).status).toBe(202);
  });
});

describe('what needs another service', () => {
  it.each([
    'os-initialize_connection',
    'os-migrate_volume',
    'os-migrate_volume_completion',
    'os-extend_volume_completion',
    'os-volume_upload_image',
    'os-reimage',
    'os-unmanage',
    'revert',
  ])('is refused in words: %s (H-63)', async (action) => {
    const id = await make();
    const answer = await act(id, { [action]: {} });
    expect([answer.status, answer.body.badRequest.code]).toEqual([400, 400]);
    expect((await act('nope', { [action]: {} })).status).toBe(404);
    expect((await shown(id)).status).toBe('available');
  });
});
