import { readNewVolume } from '../../src/api/new-volume';
import type { Catalog } from '../../src/catalog/catalog';
import { importOf, REASON, RUN } from '../catalog/arrange';
import { messageOf, startApi } from './support/running-api';
import type { Answer, RunningApi } from './support/running-api';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;

let api: RunningApi;
let catalog: Catalog;
beforeAll(async () => {
  api = await startApi();
  ({ catalog } = api);
});
afterAll(() => api.close());

const importBackup = async (project: string, backup: Parameters<typeof importOf>[0] = {}): Promise<string> =>
  (await catalog.importBackup(importOf({ projectId: project, sizeGib: 2, ...backup }))).id;

/** Asks for a volume with these keys, as a caller of a fresh project. */
const create = (volume: unknown, version = 71): Promise<Answer> =>
  api.caller().ask('/volumes', { body: { volume }, version });

const refused = (answer: Answer): [number, string | undefined] => [answer.status, messageOf(answer)];

describe('POST /volumes', () => {
  const ALWAYS = [
    ...['id', 'status', 'size', 'availability_zone', 'created_at', 'updated_at', 'name', 'description', 'volume_type'],
    ...['snapshot_id', 'source_volid', 'metadata', 'links', 'user_id', 'bootable', 'encrypted', 'replication_status'],
    ...['consistencygroup_id', 'multiattach', 'attachments', 'migration_status'],
  ];

  it('accepts an empty volume and shows it (H-35, H-39, H-40, H-45, H-46)', async () => {
    const { project, ask } = api.caller();
    const body = { volume: { size: 1, name: ' n ', description: ' d ', metadata: { k: 'v' } } };
    const answer = await ask('/volumes', { body, version: 71 });
    expect(answer.status).toBe(202);
    const { volume } = answer.body;
    expect(volume).toEqual({
      id: expect.stringMatching(UUID),
      status: 'creating',
      size: 1,
      availability_zone: 'nova',
      created_at: expect.stringMatching(DATE_TIME),
      updated_at: null,
      name: 'n',
      description: 'd',
      volume_type: '__DEFAULT__',
      snapshot_id: null,
      source_volid: null,
      metadata: { k: 'v' },
      links: [
        { rel: 'self', href: `${api.url}/v3/${project}/volumes/${volume.id}` },
        { rel: 'bookmark', href: `${api.url}/${project}/volumes/${volume.id}` },
      ],
      user_id: 'user',
      bootable: 'false',
      encrypted: false,
      replication_status: null,
      consistencygroup_id: null,
      multiattach: false,
      attachments: [],
      migration_status: null,
      group_id: null,
      provider_id: null,
      shared_targets: true,
      service_uuid: null,
      cluster_name: null,
      volume_type_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      consumes_quota: true,
    });
  });

  it.each([
    [0, ALWAYS],
    [13, [...ALWAYS, 'group_id']],
    [47, [...ALWAYS, 'group_id', 'provider_id']],
    [48, [...ALWAYS, 'group_id', 'provider_id', 'shared_targets', 'service_uuid']],
    [61, [...ALWAYS, 'group_id', 'provider_id', 'shared_targets', 'service_uuid', 'cluster_name']],
  ])('answers at 3.%i with the fields of that version, in their order (H-39, H-45)', async (version, keys) => {
    const answer = await create({ size: 1 }, version);
    expect(Object.keys(answer.body.volume)).toEqual(keys);
  });

  it('takes the size of the backup, and locks it (H-38, P-1)', async () => {
    const { project, ask } = api.caller();
    const backupId = await importBackup(project);
    const answer = await ask('/volumes', { body: { volume: { backup_id: backupId } }, version: 47 });
    expect(answer.status).toBe(202);
    expect(answer.body.volume).toMatchObject({ status: 'creating', size: 2, backup_id: backupId });
    expect((await ask(`/backups/${backupId}`)).body.backup.status).toBe('restoring');
  });

  it('takes every key that cinderclient sends, nulls included (H-100)', async () => {
    const { project, ask } = api.caller();
    const backup_id = await importBackup(project);
    const nulls = { size: null, consistencygroup_id: null, snapshot_id: null, description: null, volume_type: null };
    const more = { availability_zone: null, metadata: {}, imageRef: null, source_volid: null };
    const answer = await ask('/volumes', {
      body: { volume: { ...nulls, ...more, name: 'cc1', backup_id } },
      version: 70,
    });
    expect([answer.status, answer.body.volume.name]).toEqual([202, 'cc1']);
  });

  it('takes scheduler hints and the metadata null that openstack sends (H-116)', async () => {
    const body = { volume: { size: 1, metadata: null }, 'OS-SCH-HNT:scheduler_hints': { k: 'v' } };
    const answer = await api.caller().ask('/volumes', { body, version: 71 });
    expect([answer.status, answer.body.volume.metadata]).toEqual([202, {}]);
  });

  it('reads backup_id at every version (H-37)', async () => {
    const { project, ask } = api.caller();
    const backup_id = await importBackup(project);
    expect((await ask('/volumes', { body: { volume: { backup_id } }, version: 0 })).status).toBe(202);
    const unknown = await ask('/volumes', { body: { volume: { backup_id: 'nope' } }, version: 46 });
    expect([unknown.status, unknown.body.itemNotFound.message]).toEqual([404, 'Backup nope could not be found.']);
  });

  it.each(['x'.repeat(300), 'a\0b', ['x'], 5])('finds no backup %j below 3.47 (H-37)', async (backup_id) => {
    const answer = await create({ backup_id }, 46);
    expect(answer.status).toBe(404);
    expect(answer.body.itemNotFound.message).toMatch(/^Backup .* could not be found\.$/s);
  });

  it('takes a size in digits (H-33d)', async () => {
    expect((await create({ size: '10' })).body.volume.size).toBe(10);
  });

  it('takes the older names of name and description (H-35)', async () => {
    const answer = await create({ size: 1, display_name: ' old ', display_description: 'older' });
    expect(answer.body.volume).toMatchObject({ name: 'old', description: 'older' });
  });

  it('counts characters, not units, up to 255 of them (H-33h)', async () => {
    const name = '💾'.repeat(255);
    expect((await create({ size: 1, name })).body.volume.name).toBe(name);
    expect(refused(await create({ size: 1, name: `${name}💾` }))).toEqual([
      400,
      'Invalid input received: name has 256 characters, more than 255.',
    ]);
  });

  it('keeps metadata whose key is one that JavaScript minds (H-33k)', async () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}');
    const { ask } = api.caller();
    const created = await ask('/volumes', { body: { volume: { size: 1, metadata } } });
    const { id } = created.body.volume;
    const shown = await ask(`/volumes/${id}`);
    expect(shown.text).toContain('"__proto__":"a"');
    expect(shown.text).toContain('"constructor":"b"');
  });

  it('makes another volume of the same body (H-41)', async () => {
    const { ask } = api.caller();
    const one = await ask('/volumes', { body: { volume: { size: 1 } } });
    const two = await ask('/volumes', { body: { volume: { size: 1 } } });
    expect(one.body.volume.id).not.toBe(two.body.volume.id);
  });

  it('has links without a project when the URL had none (H-40)', async () => {
    const headers = { 'X-Auth-Token': 'user:abc' };
    const answer = await api.fetch('/v3/volumes', { body: { volume: { size: 1 } }, headers });
    const { id, links } = answer.body.volume;
    expect(links[0]?.href).toBe(`${api.url}/v3/volumes/${id}`);
  });
});

describe('the form of POST /volumes', () => {
  const field = (name: string, value: string, sentence: string): string =>
    `Invalid input for field/attribute ${name}. Value: ${value}. ${sentence}`;
  const TYPES = "is not of type 'integer', 'string', 'null'";

  it.each([
    ['H-33a', { backup_id: 'nope' }, field('backup_id', 'nope', "'nope' is not valid under any of the given schemas")],
    ['H-33b', { backup_id: '' }, field('backup_id', '', "'' is not valid under any of the given schemas")],
    ['H-33b', { backup_id: 3 }, field('backup_id', '3', '3 is not valid under any of the given schemas')],
    ['H-33c', { size: 0 }, field('size', '0', '0 is less than the minimum of 1')],
    ['H-33c', { size: -1 }, field('size', '-1', '-1 is less than the minimum of 1')],
    ['H-33c', { size: '0' }, field('size', '0', '0 is less than the minimum of 1')],
    ['H-33d', { size: 'x' }, field('size', 'x', "'x' does not match '^[0-9]+$'")],
    ['H-33e', { size: 1.5 }, field('size', '1.5', `1.5 ${TYPES}`)],
    ['H-33e', { size: true }, field('size', 'True', `True ${TYPES}`)],
    ['H-33e', { size: [1, 'a', null] }, field('size', "[1, 'a', None]", `[1, 'a', None] ${TYPES}`)],
    [
      'H-33f',
      { size: 2147483648 },
      field('size', '2147483648', '2147483648 is greater than the maximum of 2147483647'),
    ],
    ['H-33f', { size: '9'.repeat(400) }, expect.stringContaining('is greater than the maximum of 2147483647')],
    [
      'H-33g',
      { size: 1, foo: null },
      field('volume', "{'size': 1, 'foo': None}", "Additional properties are not allowed ('foo' was unexpected)"),
    ],
    [
      'H-33g',
      { a: 1, b: 2 },
      field('volume', "{'a': 1, 'b': 2}", "Additional properties are not allowed ('a', 'b' were unexpected)"),
    ],
    ['H-33h', { name: 'x'.repeat(256) }, 'Invalid input received: name has 256 characters, more than 255.'],
    ['H-33h', { display_name: 'x'.repeat(256) }, 'Invalid input received: name has 256 characters, more than 255.'],
    [
      'H-33h',
      { description: 'x'.repeat(256) },
      'Invalid input received: description has 256 characters, more than 255.',
    ],
    ['H-33i', { name: 5 }, field('name', '5', "5 is not of type 'string', 'null'")],
    ['H-33j', { metadata: { k: 1 } }, field('k', '1', "1 is not of type 'string'")],
    [
      'H-33k',
      { metadata: { k$: 'v' } },
      field('metadata', "{'k$': 'v'}", "'k$' does not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'"),
    ],
    [
      'H-33k',
      { metadata: { '': 'v', é: 'w' } },
      field('metadata', "{'': 'v', 'é': 'w'}", "'', 'é' do not match any of the regexes: '^[a-zA-Z0-9-_:. /]{1,255}$'"),
    ],
    [
      'H-33l',
      { metadata: { k: 'x'.repeat(256) } },
      expect.stringMatching(/^Invalid input for field\/attribute k\..* is too long$/),
    ],
    ['H-33l', { metadata: [] }, field('metadata', '[]', "[] is not of type 'object', 'null'")],
    ['H-33m', { availability_zone: '' }, field('availability_zone', '', "'' is too short")],
    [
      'H-35',
      { volume_type: 'x'.repeat(256) },
      expect.stringMatching(/^Invalid input for field\/attribute volume_type\..* is too long$/),
    ],
    ['H-35', { snapshot_id: 'x' }, field('snapshot_id', 'x', "'x' is not valid under any of the given schemas")],
    [
      'H-35',
      { multiattach: 'maybe' },
      field('multiattach', 'maybe', "'maybe' is not valid under any of the given schemas"),
    ],
    ['quotes', { size: `it's "x"` }, field('size', `it's "x"`, `'it\\'s "x"' does not match '^[0-9]+$'`)],
  ])('%s: %j', async (_id, volume, message) => {
    expect(refused(await create(volume))).toEqual([400, message]);
  });

  it.each([
    { name: 'a\0' },
    { description: '\ud800' },
    { volume_type: '\0' },
    { availability_zone: 'n\0' },
    { metadata: { k: '\0' } },
  ])('refuses a character that no text can hold: %j', async (volume) => {
    const answer = await create({ size: 1, ...volume }, 3);
    expect(refused(answer)).toEqual([400, expect.stringMatching(/contains a character that cannot be stored$/)]);
  });

  it.each([
    ['H-33n', {}, "'volume' is a required property"],
    ['H-33o', { volume: { size: 1 }, x: 1 }, "Additional properties are not allowed ('x' was unexpected)"],
    ['H-35', { volume: null }, field('volume', 'None', "None is not of type 'object'")],
    [
      'H-33p',
      { volume: { size: 1 }, 'OS-SCH-HNT:scheduler_hints': [] },
      field('OS-SCH-HNT:scheduler_hints', '[]', "[] is not of type 'object', 'null'"),
    ],
  ])('%s: %j', async (_id, body, message) => {
    expect(refused(await api.caller().ask('/volumes', { body, version: 3 }))).toEqual([400, message]);
  });

  it.each([true, 'yes', '1'])('refuses multiattach %j in Cinder’s words (H-33q)', async (multiattach) => {
    const message =
      'multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. ' +
      'Contact your administrator to create a multiattach enabled volume type and use it to create multiattach volumes.';
    expect(refused(await create({ size: 1, multiattach }))).toEqual([400, message]);
  });

  it.each([false, null, 'off'])('takes multiattach %j (H-35)', async (multiattach) => {
    expect((await create({ size: 1, multiattach })).status).toBe(202);
  });

  it('overlooks unknown keys below 3.53 (H-33g, H-163)', async () => {
    expect((await create({ size: 1, "'backup_id": 'x', foo: 1 }, 52)).status).toBe(202);
  });

  it('takes a backup_id without dashes for an id, which is then unknown (H-33b)', async () => {
    const backup_id = 'a'.repeat(32);
    const answer = await create({ backup_id }, 47);
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, `Backup ${backup_id} could not be found.`]);
  });

  it.each([{}, { name: 'n' }, { backup_id: null }, { size: null }])(
    'needs a size or a source: %j (H-36)',
    async (volume) => {
      expect(refused(await create(volume))).toEqual([
        400,
        'The server could not comply with the request since it is either malformed or otherwise incorrect.',
      ]);
    },
  );
});

describe('what POST /volumes is judged by', () => {
  const ID = '11111111-2222-4333-8444-555555555555';

  it.each([
    { backup_id: ID, snapshot_id: ID },
    { backup_id: ID, imageRef: 'x' },
    { snapshot_id: ID, image_id: 'x' },
  ])('takes one source only: %j (S-4)', async (sources) => {
    expect(refused(await create({ size: 1, ...sources }))).toEqual([
      400,
      'Invalid input received: May specify only one of backup, imageRef, snapshot, source volume',
    ]);
  });

  it.each([{ snapshot_id: ID }, { imageRef: 'x' }, { group_id: 'x' }, { consistencygroup_id: ID }])(
    'knows backups only: %j',
    async (source) => {
      const [status, message] = refused(await create({ size: 1, ...source }));
      expect(status).toBe(400);
      expect(message).toContain('creates volumes from backups, and empty ones');
    },
  );

  it('knows no volume of an id that nothing bears, and makes none of one that is there (H-36)', async () => {
    const { ask } = api.caller();
    const make = (source_volid: string) => ask('/volumes', { body: { volume: { size: 1, source_volid } } });
    expect(refused(await make(ID))).toEqual([404, `Volume ${ID} could not be found.`]);
    const { id } = (await ask('/volumes', { body: { volume: { size: 1 } } })).body.volume;
    const [status, message] = refused(await make(id));
    expect(status).toBe(400);
    expect(message).toContain('creates volumes from backups, and empty ones');
  });

  it('knows no backup of an id that nothing bears (H-32, H-36)', async () => {
    const answer = await create({ backup_id: ID });
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ itemNotFound: { code: 404, message: `Backup ${ID} could not be found.` } });
  });

  it.each([
    ['nope', 'Volume type with name nope could not be found.'],
    [ID, `Volume type ${ID} could not be found.`],
  ])('knows no type %s (H-36)', async (volume_type, message) => {
    const answer = await create({ size: 1, volume_type });
    expect(answer.body).toEqual({ itemNotFound: { code: 404, message } });
  });

  it('takes the default type for an empty one (H-35, S-9)', async () => {
    expect((await create({ size: 1, volume_type: '' })).body.volume.volume_type).toBe('__DEFAULT__');
  });

  it('needs an available backup: a second create is refused while the first reads (S-5)', async () => {
    const { project, ask } = api.caller();
    const backup_id = await importBackup(project);
    await ask('/volumes', { body: { volume: { backup_id } } });
    const second = await ask('/volumes', { body: { volume: { backup_id } } });
    expect(second.status).toBe(400);
    expect(second.body).toEqual({
      badRequest: {
        code: 400,
        message: "Invalid backup: Originating backup status must be one of 'available' values",
      },
    });
    expect((await ask('/volumes')).body.volumes).toHaveLength(1);
  });

  it('needs a size that holds the backup (S-6)', async () => {
    const { project, ask } = api.caller();
    const backup_id = await importBackup(project);
    expect(refused(await ask('/volumes', { body: { volume: { backup_id, size: 1 } } }))).toEqual([
      400,
      'Invalid input received: Volume size 1GB cannot be smaller than the backup size 2GB. It must be >= backup size.',
    ]);
  });

  it('refuses a backup of an encrypted volume at once, and says what to do (W-14)', async () => {
    const { project, ask } = api.caller();
    const { id: backup_id } = await api.catalog.importBackup(importOf({ projectId: project, encryptionKeyId: 'key' }));
    const [status, message] = refused(await ask('/volumes', { body: { volume: { backup_id } } }));
    expect([status, message]).toEqual([
      400,
      expect.stringMatching(/^Invalid backup: .*encrypted.*Restore it with Cinder/),
    ]);
    expect((await ask('/volumes')).body.volumes).toEqual([]);
    expect((await ask(`/backups/${backup_id}`)).body.backup.status).toBe('available');
  });

  it('knows no such zone (S-7)', async () => {
    expect(refused(await create({ size: 1, availability_zone: 'zz' }))).toEqual([
      400,
      "Availability zone 'zz' is invalid.",
    ]);
  });

  it('refuses beyond the gigabytes of the project by 413 (S-12, H-21, H-31)', async () => {
    const answer = await create({ size: 2000 });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('Retry-After')).toBe('0');
    expect(answer.body).toEqual({
      overLimit: {
        code: 413,
        message:
          'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
          'Requested 2000G, quota is 1000G and 0G has been consumed.',
        retryAfter: '0',
      },
    });
  });

  it('refuses beyond the number of volumes and the size of one by 413 (S-11, S-13)', async () => {
    const { project, ask } = api.caller();
    await catalog.setQuota(project, { volumes: 0, perVolumeGigabytes: 5 });
    const tooMany = await ask('/volumes', { body: { volume: { size: 1 } } });
    expect(tooMany.body.overLimit.message).toBe(
      "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.",
    );
    const tooLarge = await ask('/volumes', { body: { volume: { size: 6 } } });
    expect(tooLarge.body.overLimit.message).toBe(
      'VolumeSizeExceedsLimit: Requested volume size 6G is larger than maximum allowed limit 5G.',
    );
  });
});

describe('cinder create --poll', () => {
  it('finds the message of a failure by the id of its request (H-102, H-86)', async () => {
    const { ask } = api.caller();
    const created = await ask('/volumes', { body: { volume: { size: 1 } }, version: 70 });
    const requestId = created.headers.get('x-openstack-request-id');
    await catalog.failVolume({ volumeId: created.body.volume.id, runId: RUN, reason: REASON });
    const answer = await ask(`/messages?request_id=${requestId}`, { version: 70 });
    expect(answer.body.messages).toEqual([
      expect.objectContaining({
        request_id: requestId,
        user_message: 'restore backup:The object is damaged.',
        resource_uuid: created.body.volume.id,
      }),
    ]);
    expect((await ask(`/volumes/${created.body.volume.id}`)).body.volume.status).toBe('error');
  });
});

describe('the scheduler hint rekindle_read_back', () => {
  const bodyWith = (hints: unknown) => ({ volume: { size: 1 }, 'OS-SCH-HNT:scheduler_hints': hints });
  const ask = (hints: unknown): Promise<Answer> => api.caller().ask('/volumes', { body: bodyWith(hints), version: 71 });

  it('asks for everything to be read back from the disk', () => {
    expect(readNewVolume(bodyWith({ rekindle_read_back: 'true' }), 71)).toMatchObject({ asked: { readBack: true } });
    expect(readNewVolume(bodyWith({ rekindle_read_back: false }), 71)).toMatchObject({ asked: { readBack: false } });
    expect(readNewVolume(bodyWith(null), 71)).toMatchObject({ asked: { readBack: false } });
  });

  it('may stand among others, which mean nothing here', async () => {
    expect((await ask({ rekindle_read_back: 'True', same_host: ['x'] })).status).toBe(202);
  });

  it('must be true or false', async () => {
    expect(refused(await ask({ rekindle_read_back: 'perhaps' }))).toEqual([
      400,
      expect.stringContaining('Invalid input for field/attribute rekindle_read_back. Value: perhaps.'),
    ]);
  });
});
