import { randomUUID } from 'node:crypto';
import type { KeystoneSettings } from '../../src/api/settings';
import { accept, importOf } from '../catalog/arrange';
import { INSTALL_TIMEOUT_MS } from '../support/clients-venv';
import { eventually } from '../support/eventually';
import { startKeystone } from '../support/keystone';
import type { Keystone, ProjectName, UserName } from '../support/keystone';
import { cuttableLink } from './support/cuttable-link';
import { keystoneSettings } from './support/keystone-settings';
import { startApi } from './support/running-api';
import type { Answer, Ask, Asked, RunningApi } from './support/running-api';

/** Who may do what, as a real Keystone has it (H-24 to H-29). */
let keystone: Keystone;
beforeAll(async () => {
  keystone = await startKeystone();
}, INSTALL_TIMEOUT_MS);
afterAll(() => keystone.stop());

const started: RunningApi[] = [];
async function apiWith(settings: Partial<KeystoneSettings> = {}): Promise<RunningApi> {
  const api = await startApi({ settings: { auth: { ...keystoneSettings(keystone), ...settings } } });
  started.push(api);
  return api;
}
afterAll(async () => {
  for (const api of started) await api.close();
});

let api: RunningApi;
beforeAll(async () => {
  api = await apiWith();
  await api.catalog.setQuota(keystone.projects.alpha, { volumes: -1 });
});

/** Asks below `/v3/<project>` by this token. */
function by(token: string, project: ProjectName, through = api) {
  return (path: string, asked: Asked = {}): Promise<Answer> =>
    through.fetch(`/v3/${keystone.projects[project]}${path}`, {
      ...asked,
      headers: { 'X-Auth-Token': token, ...asked.headers },
    });
}

/** Asks as this user. */
async function as(user: UserName, project: ProjectName) {
  return by(await keystone.token(user, project), project);
}

const volumeOf = (project: ProjectName) => accept(api.catalog, { projectId: keystone.projects[project] });
const backupOf = (project: ProjectName) =>
  api.catalog.importBackup(importOf({ projectId: keystone.projects[project] }));

describe('whoever asks without a valid token', () => {
  const expectRefusal = ({ status, headers, body }: Answer): void => {
    expect(status).toBe(401);
    expect(headers.get('WWW-Authenticate')).toBe('Keystone uri="https://keystone.example/v3"');
    expect(headers.get('x-openstack-request-id')).toMatch(/^req-/);
    const message = 'The request you have made requires authentication.';
    expect(body).toEqual({ error: { code: 401, title: 'Unauthorized', message } });
  };

  it('is told where to get one, if he has none', async () => {
    expectRefusal(await api.fetch(`/v3/${keystone.projects.alpha}/volumes`));
    expectRefusal(await api.fetch('/v3/volumes'));
    expectRefusal(await by('', 'alpha')('/volumes'));
  });

  it.each([
    ['garbage', 'garbage'],
    ['what noauth takes', 'admin:admin'],
    ['no ASCII', 'ü'],
    ['10,000 characters long', 'x'.repeat(10_000)],
    ['SQL', "' OR 1=1 --"],
    ['like one of Keystone’s', `${'gAAAAAB'.repeat(20)}==`],
  ])('is told so too, if his is %s', async (_what, token) => expectRefusal(await by(token, 'alpha')('/volumes')));

  it('is refused with a token that has expired', async () => {
    expectRefusal(await by(await keystone.tokenThatExpires('mary', 'alpha', -60), 'alpha')('/volumes'));
  });

  it('is refused with a token that was revoked', async () => {
    const strict = await apiWith({ cacheSeconds: 0 });
    const token = await keystone.freshToken('mary', 'alpha');
    expect((await by(token, 'alpha', strict)('/volumes')).status).toBe(200);
    await keystone.revoke(token);
    expectRefusal(await by(token, 'alpha', strict)('/volumes'));
  });

  it('still learns which versions there are, and that the service lives (H-1, H-11)', async () => {
    expect((await api.fetch('/')).status).toBe(300);
    expect((await api.fetch('/v3/')).status).toBe(200);
    expect((await api.fetch('/healthcheck')).status).toBe(200);
  });
});

describe('a member', () => {
  it('works with what is his project’s, under his own ids', async () => {
    const mary = await as('mary', 'alpha');
    const backup = await backupOf('alpha');
    const created = await mary('/volumes', { version: 47, body: { volume: { backup_id: backup.id } } });
    expect(created.status).toBe(202);
    const shown = await mary(`/volumes/${created.body.volume.id}`);
    expect(shown.body.volume).toMatchObject({
      user_id: keystone.users.mary,
      'os-vol-tenant-attr:tenant_id': keystone.projects.alpha,
    });
    expect(shown.body.volume).not.toHaveProperty('os-vol-host-attr:host');
    const listed = await mary('/volumes/detail?all_tenants=1');
    expect(new Set(listed.body.volumes.map((one) => one['os-vol-tenant-attr:tenant_id']))).toEqual(
      new Set([keystone.projects.alpha]),
    );
  });

  it('finds nothing that is another project’s, and is told 404, not 403 (H-28)', async () => {
    const [volume, backup] = [await volumeOf('alpha'), await backupOf('alpha')];
    const bert = await as('bert', 'beta');
    for (const path of [`/volumes/${volume.id}`, `/volumes/${volume.id}/metadata`]) {
      const answer = await bert(path);
      expect(answer.status).toBe(404);
      expect(answer.body.itemNotFound.message).toBe(`Volume ${volume.id} could not be found.`);
    }
    expect((await bert(`/volumes/${volume.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await bert(`/backups/${backup.id}`)).body.itemNotFound.message).toBe(
      `Backup ${backup.id} could not be found.`,
    );
    const create = await bert('/volumes', { version: 47, body: { volume: { backup_id: backup.id } } });
    expect(create.status).toBe(404);
    const explain = await bert('/volumes/rekindle-explain', {
      version: 47,
      body: { volume: { backup_id: backup.id } },
    });
    expect([explain.status, explain.body]).toEqual([404, create.body]);
    expect((await bert('/volumes/detail?all_tenants=1')).body.volumes).toEqual([]);
    expect((await bert('/backups/detail?all_tenants=1')).body.backups).toEqual([]);
  });

  it('may not name another project in the URL, whoever he is (H-3)', async () => {
    const wrong = by(await keystone.token('adam', 'alpha'), 'beta');
    const answer = await wrong('/volumes');
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ badRequest: { code: 400, message: 'Malformed request url' } });
  });

  it('may leave the project out of the URL (H-2, H-26)', async () => {
    const headers = { 'X-Auth-Token': await keystone.token('mary', 'alpha') };
    expect((await api.fetch('/v3/volumes', { headers })).status).toBe(200);
  });

  it('is no admin (H-29)', async () => {
    const mary = await as('mary', 'alpha');
    const backup = await backupOf('alpha');
    const volume = await volumeOf('alpha');
    const rules = [
      [await mary(`/backups/${backup.id}/export_record`), 'backup:export-import'],
      [await mary('/rekindle-orphans'), 'rekindle:orphans'],
      [await mary(`/rekindle-orphans/${volume.id}`, { method: 'DELETE' }), 'rekindle:orphans'],
      [
        await mary(`/volumes/${volume.id}/action`, { body: { 'os-reset_status': { status: 'error' } } }),
        'volume_extension:volume_admin_actions:reset_status',
      ],
    ] as const;
    for (const [{ status, body }, rule] of rules) {
      expect(status).toBe(403);
      expect(body).toEqual({ forbidden: { code: 403, message: `Policy doesn't allow ${rule} to be performed.` } });
    }
  });
});

describe('an admin', () => {
  it('sees all projects, if he says so, and any resource by its id', async () => {
    const volume = await volumeOf('beta');
    const adam = await as('adam', 'alpha');
    const ids = async (path: string) => (await adam(path)).body.volumes.map(({ id }) => id);
    expect(await ids('/volumes')).not.toContain(volume.id);
    expect(await ids('/volumes?all_tenants=1')).toContain(volume.id);
    expect((await adam(`/volumes/${volume.id}`)).body.volume).toMatchObject({
      'os-vol-tenant-attr:tenant_id': keystone.projects.beta,
      'os-vol-host-attr:host': null,
    });
    const reset = await adam(`/volumes/${volume.id}/action`, { body: { 'os-reset_status': { status: 'error' } } });
    expect(reset.status).toBe(400);
  });
});

describe('a member', () => {
  it('can make no volume of a private type, nor give it to one: to him there is none (H-36, H-62)', async () => {
    const adam = await as('adam', 'alpha');
    const type = { name: 'secret', 'os-volume-type-access:is_public': false };
    const { id } = (await adam('/types', { body: { volume_type: type } })).body.volume_type;
    const mary = await as('mary', 'alpha');
    const create = async (volume_type: string) => {
      const { status, body } = await mary('/volumes', { body: { volume: { size: 1, volume_type } } });
      return [status, body.itemNotFound.message];
    };
    expect(await create('secret')).toEqual([404, 'Volume type with name secret could not be found.']);
    expect(await create(id)).toEqual([404, `Volume type ${id} could not be found.`]);
    expect((await mary(`/types/${id}`)).status).toBe(404);
    const made = await adam('/volumes', { body: { volume: { size: 1, volume_type: id } } });
    expect(made.status).toBe(202);
    const retyped = await mary(`/volumes/${made.body.volume.id}/action`, {
      body: { 'os-retype': { new_type: 'secret' } },
    });
    expect([retyped.status, retyped.body.itemNotFound.message]).toEqual([
      404,
      'Volume type with name secret could not be found.',
    ]);
  });

  it('sees and uses a private type that is open to his project, and no other project does', async () => {
    const adam = await as('adam', 'alpha');
    const type = { name: 'for alpha', 'os-volume-type-access:is_public': false };
    const { id } = (await adam('/types', { body: { volume_type: type } })).body.volume_type;
    const body = { addProjectAccess: { project: keystone.projects.alpha } };
    expect((await adam(`/types/${id}/action`, { body })).status).toBe(202);
    const [mary, bert] = [await as('mary', 'alpha'), await as('bert', 'beta')];
    const sees = async (ask: Ask) => (await ask('/types')).body.volume_types.some((listed) => listed.id === id);
    const create = async (ask: Ask) =>
      (await ask('/volumes', { body: { volume: { size: 1, volume_type: 'for alpha' } } })).status;
    expect([await sees(mary), (await mary(`/types/${id}`)).status, await create(mary)]).toEqual([true, 200, 202]);
    expect([await sees(bert), (await bert(`/types/${id}`)).status, await create(bert)]).toEqual([false, 404, 404]);
    // An admin sees it among the public ones too where it is open to his own project.
    expect(await sees(adam)).toBe(true);
    const mine = await mary(`/types/${id}/action`, { body });
    expect(mine.status).toBe(403);
  });
});

describe('a reader', () => {
  it('may look at all that is his project’s', async () => {
    const [volume, backup] = [await volumeOf('alpha'), await backupOf('alpha')];
    const rita = await as('rita', 'alpha');
    const paths = [
      '/volumes',
      '/volumes/detail',
      `/volumes/${volume.id}`,
      `/volumes/${volume.id}/metadata`,
      '/backups/detail',
      `/backups/${backup.id}`,
      '/types',
      '/messages',
      '/os-availability-zone',
    ];
    for (const path of paths) expect([path, (await rita(path, { version: 12 })).status]).toEqual([path, 200]);
  });

  it('may change nothing, and is told by which of Cinder’s rules', async () => {
    const [volume, backup] = [await volumeOf('alpha'), await backupOf('alpha')];
    const rita = await as('rita', 'alpha');
    const attempts: [string, Asked, string][] = [
      ['/volumes', { body: { volume: { size: 1 } } }, 'volume:create'],
      ['/volumes/rekindle-explain', { body: { volume: { size: 1 } } }, 'volume:create'],
      [`/volumes/${volume.id}`, { method: 'PUT', body: { volume: { name: 'x' } } }, 'volume:update'],
      [`/volumes/${volume.id}`, { method: 'DELETE' }, 'volume:delete'],
      [`/volumes/${volume.id}/metadata`, { body: { metadata: { a: 'b' } } }, 'volume:create_volume_metadata'],
      [`/volumes/${volume.id}/metadata/a`, { method: 'DELETE' }, 'volume:delete_volume_metadata'],
      [`/volumes/${volume.id}/action`, { body: { 'os-set_bootable': { bootable: true } } }, 'volume:update'],
      [`/volumes/${volume.id}/action`, { body: { 'rekindle-retry': {} } }, 'volume:create'],
      [`/backups/${backup.id}`, { method: 'DELETE' }, 'backup:delete'],
      [
        `/backups/${backup.id}/action`,
        { body: { 'os-reset_status': { status: 'error' } } },
        'volume_extension:backup_admin_actions:reset_status',
      ],
      ['/backups/import_record', { body: {} }, 'backup:backup-import'],
    ];
    for (const [path, asked, rule] of attempts) {
      const { status, body } = await rita(path, asked);
      expect(status).toBe(403);
      expect(body).toEqual({ forbidden: { code: 403, message: `Policy doesn't allow ${rule} to be performed.` } });
    }
    expect((await rita(`/volumes/${volume.id}`)).body.volume).toMatchObject({ status: 'creating', metadata: {} });
  });

  it('may ask for image metadata, which is an action only by its form', async () => {
    const volume = await volumeOf('alpha');
    const rita = await as('rita', 'alpha');
    const answer = await rita(`/volumes/${volume.id}/action`, { body: { 'os-show_image_metadata': null } });
    expect(answer.body.itemNotFound.message).toMatch(/^Glance metadata for/);
  });

  it('hears 404 of what is another project’s, also where he may change nothing', async () => {
    const volume = await volumeOf('beta');
    const rita = await as('rita', 'alpha');
    expect((await rita(`/volumes/${volume.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await rita(`/volumes/${randomUUID()}`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('a token without a role here, or without a project', () => {
  it('opens nothing', async () => {
    const volume = await accept(api.catalog, { projectId: keystone.projects.service });
    const nova = await as('nova', 'service');
    const { status, body } = await nova('/volumes');
    expect(status).toBe(403);
    expect(body).toEqual({
      forbidden: { code: 403, message: "Policy doesn't allow volume:get_all to be performed." },
    });
    expect((await nova(`/volumes/${volume.id}`)).status).toBe(404);

    const headers = { 'X-Auth-Token': await keystone.unscopedToken('adam') };
    expect((await api.fetch('/v3/volumes', { headers })).status).toBe(403);
    expect((await api.fetch(`/v3/${keystone.projects.alpha}/volumes`, { headers })).status).toBe(400);
  });
});

describe('an application credential with access rules', () => {
  const rule = (method: string, path: string, service = 'block-storage') => ({ method, path, service });
  let id: string;
  beforeAll(async () => {
    ({ id } = await volumeOf('alpha'));
  });
  const statuses = async (rules: ReturnType<typeof rule>[], headers: Record<string, string> = {}) => {
    const mary = by(await keystone.limitedToken('mary', 'alpha', rules), 'alpha');
    const asked = [
      mary('/volumes/detail?limit=1', { headers }),
      mary(`/volumes/${id}`, { headers }),
      mary(`/volumes/${id}/metadata`, { headers }),
      mary('/volumes', { headers, body: { volume: { size: 1 } } }),
    ];
    return (await Promise.all(asked)).map(({ status }) => status);
  };

  it('opens what its rules name, by their method and path, and nothing else', async () => {
    expect(await statuses([rule('GET', '/v3/*/volumes/{volume_id}')])).toEqual([200, 200, 401, 401]);
    expect(await statuses([rule('GET', '/v3/**', 'volumev3'), rule('POST', '/v3/*/backups')])).toEqual([
      ...[200, 200, 200, 401],
    ]);
    expect(await statuses([rule('POST', '/v3/*/volumes')])).toEqual([401, 401, 401, 202]);
  });

  it('opens nothing by the rules of other services', async () => {
    expect(await statuses([rule('GET', '/v3/**', 'compute')])).toEqual([401, 401, 401, 401]);
  });

  it('opens what a service asks for on its behalf', async () => {
    const service = await keystone.token('nova', 'service');
    const rules = [rule('POST', '/v2.1/servers', 'compute')];
    expect(await statuses(rules, { 'X-Service-Token': service })).toEqual([200, 200, 200, 202]);
  });

  it('is judged in no time, whatever its rules look like', async () => {
    expect(await statuses([rule('GET', `/${'**a'.repeat(40)}`)])).toEqual([401, 401, 401, 401]);
  });
});

describe('another service', () => {
  it('may act for a user whose token has expired meanwhile', async () => {
    const expired = by(await keystone.tokenThatExpires('mary', 'alpha', -60), 'alpha');
    const token = await keystone.token('nova', 'service');
    expect((await expired('/volumes', { headers: { 'X-Service-Token': token } })).status).toBe(200);
    expect((await expired('/volumes')).status).toBe(401);
  });

  it('may not, if it is none: a user’s token is no service’s', async () => {
    const expired = by(await keystone.tokenThatExpires('mary', 'alpha', -60), 'alpha');
    const token = await keystone.token('adam', 'alpha');
    expect((await expired('/volumes', { headers: { 'X-Service-Token': token } })).status).toBe(401);
  });

  it('spoils its user’s request by a token that isn’t valid', async () => {
    const mary = await as('mary', 'alpha');
    expect((await mary('/volumes', { headers: { 'X-Service-Token': 'garbage' } })).status).toBe(401);
    expect((await mary('/volumes')).status).toBe(200);
  });
});

describe('when Keystone is away', () => {
  /** An API that reaches Keystone over a link of its own. */
  const cuttable = async (settings: Partial<KeystoneSettings> = {}) => {
    const link = await cuttableLink(Number(new URL(keystone.url).port));
    return { link, through: await apiWith({ url: `http://127.0.0.1:${link.port}/v3`, ...settings }) };
  };

  it('the caller is asked to come again, and the log says why', async () => {
    const { link, through } = await cuttable();
    link.cut();
    const answer = await by('any', 'alpha', through)('/volumes');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('5');
    expect(answer.body.serviceUnavailable.message).toBe('The identity service cannot be asked at the moment.');
    expect(through.logged.map(({ err }) => (err as { message?: string } | undefined)?.message)).toContainEqual(
      expect.stringMatching(/^Keystone: no answer from http/),
    );
  });

  it('those who were there before go on working, and new ones wait', async () => {
    const { link, through } = await cuttable();
    const token = await keystone.token('mary', 'alpha');
    expect((await by(token, 'alpha', through)('/volumes')).status).toBe(200);
    link.cut();
    expect((await by(token, 'alpha', through)('/volumes')).status).toBe(200);
    expect((await by(await keystone.token('rita', 'alpha'), 'alpha', through)('/volumes')).status).toBe(503);
  });

  it('nobody is remembered where that is switched off', async () => {
    const { link, through } = await cuttable({ cacheSeconds: 0 });
    const mary = by(await keystone.token('mary', 'alpha'), 'alpha', through);
    expect((await mary('/volumes')).status).toBe(200);
    link.cut();
    expect((await mary('/volumes')).status).toBe(503);
  });

  it('only the latest are remembered, as many as are configured', async () => {
    const { link, through } = await cuttable({ cachedTokens: 1 });
    const first = by(await keystone.token('mary', 'alpha'), 'alpha', through);
    const second = by(await keystone.token('rita', 'alpha'), 'alpha', through);
    expect((await first('/volumes')).status).toBe(200);
    expect((await second('/volumes')).status).toBe(200);
    link.cut();
    expect((await second('/volumes')).status).toBe(200);
    expect((await first('/volumes')).status).toBe(503);
  });

  it('nobody is remembered longer than his token lives', async () => {
    const { link, through } = await cuttable({ cacheSeconds: 3_600 });
    const short = by(await keystone.tokenThatExpires('mary', 'alpha', 10), 'alpha', through);
    expect((await short('/volumes')).status).toBe(200);
    link.cut();
    await eventually(async () => ((await short('/volumes')).status === 503 ? true : null));
  });
});

describe('the service’s own user', () => {
  it('logs in again when his token was revoked', async () => {
    const own = await apiWith({ cacheSeconds: 0 });
    const mary = by(await keystone.token('mary', 'alpha'), 'alpha', own);
    expect((await mary('/volumes')).status).toBe(200);
    await keystone.revokeAllOf('cinder');
    await eventually(async () => ((await mary('/volumes')).status === 200 ? true : null));
  });

  it('is named in the log when Keystone does not let him in; callers are asked to come again', async () => {
    const locked = await apiWith({ password: 'wrong' });
    const answer = await by('any', 'alpha', locked)('/volumes');
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('cinder');
    expect(locked.logged.map(({ err }) => (err as { message?: string } | undefined)?.message)).toContain(
      'Keystone: it refuses to log in cinder, the user of this service, by 401',
    );
  });
});
