import { randomUUID } from 'node:crypto';
import { importOf } from '../catalog/arrange';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

const POSIX = 'cinder.backup.drivers.posix.PosixBackupDriver';

/** A record as Cinder exports it (Appendix B of the contract). */
const recordOf = (fields: Record<string, unknown> = {}) => ({
  driver_info: {},
  id: randomUUID(),
  user_id: 'somebody',
  project_id: 'elsewhere',
  volume_id: '99999999-8888-4777-8666-555555555555',
  host: 'bk1',
  availability_zone: 'elsewhere',
  container: 'aa/bb/x',
  parent_id: null,
  status: 'error',
  fail_reason: 'none of ours',
  size: 2,
  display_name: 'n-available',
  display_description: 'd',
  service_metadata: 'volume_x_20260101000000_backup_y',
  service: 'cinder.backup.drivers.nfs.NFSBackupDriver',
  object_count: 2,
  temp_volume_id: null,
  num_dependent_backups: 7,
  snapshot_id: null,
  data_timestamp: '2026-01-01T00:00:00Z',
  metadata: { k: 'v' },
  encryption_key_id: null,
  created_at: '2026-11-23T00:24:52Z',
  updated_at: '2026-11-23T00:24:54Z',
  deleted: false,
  ...fields,
});

const pack = (record: unknown): string => Buffer.from(JSON.stringify(record)).toString('base64');

const importUrl = (backup_url: unknown, backup_service: unknown = POSIX, as = ask): Promise<Answer> =>
  as('/backups/import_record', { body: { 'backup-record': { backup_service, backup_url } }, version: 71 });

describe('POST /backups/import_record', () => {
  it('makes the caller’s available backup of it, by 201 (H-76, H-78, H-65)', async () => {
    const record = recordOf();
    const answer = await importUrl(pack(record));
    expect(answer.status).toBe(201);
    const links = [
      { rel: 'self', href: `${here.api.url}/v3/${here.project}/backups/${record.id}` },
      { rel: 'bookmark', href: `${here.api.url}/${here.project}/backups/${record.id}` },
    ];
    expect(answer.body).toEqual({ backup: { id: record.id, name: 'n-available', links } });
    const shown = await ask(`/backups/${record.id}`, { version: 71 });
    expect(shown.status).toBe(200);
    expect(Object.entries(shown.body.backup)).toEqual(
      Object.entries({
        id: record.id,
        status: 'available',
        size: 2,
        object_count: 2,
        availability_zone: 'nova',
        container: 'aa/bb/x',
        created_at: '2026-11-23T00:24:52.000000',
        updated_at: null,
        name: 'n-available',
        description: 'd',
        fail_reason: null,
        volume_id: '99999999-8888-4777-8666-555555555555',
        links,
        is_incremental: false,
        has_dependent_backups: false,
        snapshot_id: null,
        data_timestamp: '2026-01-01T00:00:00.000000',
        metadata: { k: 'v' },
        'os-backup-project-attr:project_id': here.project,
        user_id: 'user',
      }),
    );
    expect((await here.catalog.findBackup(record.id, { projectId: here.project }))?.service).toBe(POSIX);
  });

  it('keeps the ids of a chain (H-78, H-65)', async () => {
    const parent = recordOf();
    const child = recordOf({ parent_id: parent.id });
    await importUrl(pack(parent));
    await importUrl(pack(child));
    const { backups } = (await ask('/backups/detail')).body;
    const flags = Object.fromEntries(
      backups.map((backup) => [backup.id, [backup['is_incremental'], backup['has_dependent_backups']]]),
    );
    expect(flags).toEqual({ [parent.id]: [false, true], [child.id]: [true, false] });
  });

  it('takes an id that is no uuid (H-76)', async () => {
    const id = `not/a uuid ${here.project}`;
    expect((await importUrl(pack(recordOf({ id })))).status).toBe(201);
    const shown = await ask(`/backups/${encodeURIComponent(id)}`);
    expect(shown.body.backup.id).toBe(id);
    expect(
      (
        await here.api.fetch(new URL(shown.body.backup.links[0]!.href).pathname, {
          headers: { 'X-Auth-Token': `user:${here.project}` },
        })
      ).status,
    ).toBe(200);
  });

  it('refuses an id that exists, in whichever project (H-76)', async () => {
    const url = pack(recordOf());
    await importUrl(url);
    const again = await importUrl(url, POSIX, here.api.caller().ask);
    expect(again.status).toBe(400);
    expect(again.body.badRequest.message).toBe('Invalid backup: Backup already exists in database.');
  });

  it('takes backup quota, and refuses beyond it by 413 (H-76, H-68)', async () => {
    await here.catalog.setQuota(here.project, { backups: 1 });
    await importUrl(pack(recordOf()));
    const second = await importUrl(pack(recordOf()));
    expect(second.status).toBe(413);
    expect(second.body.overLimit.message).toBe('BackupLimitExceeded: Maximum number of backups allowed (1) exceeded');
  });

  const without = (key: string): object =>
    Object.fromEntries(Object.entries(recordOf()).filter(([name]) => name !== key));

  it.each([
    ['no base64', '$$$$', "Can't decode backup record."],
    ['base64 cut short', 'abcde', "Can't decode backup record."],
    ['no text', Buffer.from([0xff, 0xfe, 0xff]).toString('base64'), "Can't parse backup record."],
    ['no JSON', Buffer.from('{').toString('base64'), "Can't parse backup record."],
    ['no object', pack([1]), "Can't parse backup record."],
    ['null', pack(null), "Can't parse backup record."],
    ['no id', pack(without('id')), 'Provided backup record is missing an id'],
    ['no size', pack(without('size')), 'Provided backup record is missing size attribute'],
    [
      'no container',
      pack(without('container')),
      'Driver successfully decoded imported backup data, but there are missing fields (container).',
    ],
    ['a size of text', pack(recordOf({ size: 'x' })), expect.stringMatching(/^Can't parse backup record\. size: /)],
    ['a size below 0', pack(recordOf({ size: -1 })), expect.stringMatching(/^Can't parse backup record\. size: /)],
    ['a huge size', pack(recordOf({ size: 1e300 })), expect.stringMatching(/^Can't parse backup record\. size: /)],
    ['a NUL', pack(recordOf({ container: 'a\0' })), expect.stringMatching(/^Can't parse backup record\. container: /)],
    ['an empty id', pack(recordOf({ id: '' })), expect.stringMatching(/^Can't parse backup record\. id: /)],
    [
      'no date',
      pack(recordOf({ created_at: '2026-99-99T00:00:00Z' })),
      expect.stringMatching(/^Can't parse .* created_at: /),
    ],
    ['odd metadata', pack(recordOf({ metadata: { k: 1 } })), expect.stringMatching(/^Can't parse .* metadata\.k: /)],
  ])('refuses a record that is %s (H-76)', async (_what, url, reason) => {
    const answer = await importUrl(url);
    expect(answer.status).toBe(400);
    const { message } = answer.body.badRequest;
    expect(message).toMatch(/^Invalid input received: /);
    expect(message.slice('Invalid input received: '.length)).toEqual(reason);
  });

  it('checks the form of the request (H-33n, H-76)', async () => {
    const missing = await ask('/backups/import_record', { body: { 'backup-record': { backup_url: 'x' } } });
    expect(missing.body.badRequest.message).toBe(
      "Invalid input for field/attribute backup-record. Value: {'backup_url': 'x'}. 'backup_service' is a required property",
    );
    const empty = await importUrl('');
    expect(empty.body.badRequest.message).toBe(
      "Invalid input for field/attribute backup_url. Value: . '' is too short",
    );
    const extra = await ask('/backups/import_record', { body: { x: 1 } });
    expect(extra.status).toBe(400);
  });
});

describe('GET /backups/{id}/export_record', () => {
  it('is what import_record takes: out, away, and in again (H-75, H-77, H-161f)', async () => {
    const record = recordOf();
    await importUrl(pack(record));
    const exported = await ask(`/backups/${record.id}/export_record`);
    expect(exported.status).toBe(200);
    const { backup_service, backup_url } = exported.body['backup-record'];
    expect(backup_service).toBe(POSIX);
    const decoded = JSON.parse(Buffer.from(backup_url, 'base64').toString()) as Record<string, unknown>;
    const kept = [
      'volume_id',
      'container',
      'size',
      'display_name',
      'service_metadata',
      'object_count',
      'data_timestamp',
    ];
    for (const key of [...kept, 'metadata', 'created_at'])
      expect([key, decoded[key]]).toEqual([key, new Map<string, unknown>(Object.entries(record)).get(key)]);
    expect(decoded).toMatchObject({ project_id: here.project, status: 'available', service: POSIX, deleted: false });
    const id = randomUUID();
    const copy = await importUrl(pack({ ...decoded, id }), backup_service);
    expect([copy.status, copy.body.backup.id]).toEqual([201, id]);
  });

  it('is for available backups (H-75)', async () => {
    const { id } = await here.catalog.importBackup(importOf({ projectId: here.project }));
    const created = await ask('/volumes', { body: { volume: { backup_id: id } } });
    expect(created.status).toBe(202);
    const answer = await ask(`/backups/${id}/export_record`);
    expect([answer.status, answer.body.badRequest.message]).toEqual([
      400,
      'Invalid backup: Backup status must be available and not restoring.',
    ]);
  });
});

describe('GET /backups', () => {
  it('lists, pages and filters like volumes, without a link when the page is not full (H-65, H-53, H-103)', async () => {
    const [a, b] = [
      await here.catalog.importBackup(importOf({ projectId: here.project, name: 'a' })),
      await here.catalog.importBackup(importOf({ projectId: here.project, name: 'b' })),
    ];
    const all = await ask('/backups?with_count=1', { version: 71 });
    expect(Object.keys(all.body)).toEqual(['backups', 'count']);
    expect(all.body.count).toBe(2);
    const byName = await ask('/backups/detail?all_tenants=1&name=b', { version: 71 });
    expect(byName.body.backups.map(({ id }) => id)).toContain(b.id);
    const page = await ask('/backups?sort=name:asc&limit=1', { version: 71 });
    expect(page.body.backups[0]?.id).toBe(a.id);
    expect(page.body.backups_links[0]?.href).toContain(`marker=${a.id}`);
    const byVolume = await ask(`/backups?volume_id=${b.volumeId}&status=available`);
    expect(byVolume.body.backups).toHaveLength(1);
    const unknown = await ask('/backups?marker=nope');
    expect([unknown.status, unknown.body.itemNotFound.message]).toEqual([404, 'Backup nope could not be found.']);
  });

  it.each([
    [0, []],
    [18, ['os-backup-project-attr:project_id']],
    [43, ['metadata', 'os-backup-project-attr:project_id']],
    [56, ['metadata', 'os-backup-project-attr:project_id', 'user_id']],
    [64, ['metadata', 'os-backup-project-attr:project_id', 'user_id', 'encryption_key_id']],
  ])('shows at 3.%i the fields of that version (H-65)', async (version, keys) => {
    const { id } = await here.catalog.importBackup(importOf({ projectId: here.project, encryptionKeyId: 'key' }));
    const answer = await ask(`/backups/${id}`, { version });
    expect(Object.keys(answer.body.backup).slice(17)).toEqual(keys);
  });

  it('does not find what does not exist (H-32)', async () => {
    const answer = await ask('/backups/nope');
    expect(answer.body).toEqual({ itemNotFound: { code: 404, message: 'Backup nope could not be found.' } });
  });
});
