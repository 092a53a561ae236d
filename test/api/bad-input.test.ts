import { apiRoutes } from '../../src/api/api';
import type { Route } from '../../src/api/route';
import { completeFromBackup, importOf } from '../catalog/arrange';
import { catalogWorkflows } from './support/catalog-workflows';
import { messageOf, SETTINGS } from './support/running-api';
import type { Answer, Asked } from './support/running-api';
import { useApi } from './support/use-api';

/** What nobody should send: each is answered by the right 4xx, by every call that reads a body, and nothing is written. */
const here = useApi();
const ask = (path: string, asked: Asked = {}): Promise<Answer> => here.ask(path, { version: 71, ...asked });

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;

/** All that the API has: one that is added is tried too. */
let routes: readonly Route[];
let writing: readonly Route[];
beforeAll(() => {
  const { catalog } = here;
  routes = apiRoutes({ catalog, workflows: catalogWorkflows(catalog), settings: SETTINGS });
  writing = routes.filter(({ method }) => method === 'post' || method === 'put');
});

const named = ({ method, path }: Route): string => `${METHODS[method]} ${path}`;
const pathOf = ({ path }: Route, id: string): string => path.replace(':id', id).replace(':key', 'key');
/** What each of the calls answers, by the call. */
const answersOf = async (calls: readonly Route[], asked: (route: Route) => Promise<Answer>) => {
  const answers: (readonly [string, Answer])[] = [];
  for (const route of calls) answers.push([named(route), await asked(route)]);
  return answers;
};
const statuses = (answers: readonly (readonly [string, Answer])[]): Record<string, number> =>
  Object.fromEntries(answers.map(([call, { status }]) => [call, status]));
const all = (calls: readonly Route[], status: number): Record<string, number> =>
  Object.fromEntries(calls.map((route) => [named(route), status]));
/** A volume and a backup that are there, and everything that might be written. */
const things = async () => {
  const volume = await completeFromBackup(here.catalog, {}, { projectId: here.project });
  const { id } = await here.catalog.importBackup(importOf({ projectId: here.project }));
  return { volumeId: volume.id, backupId: id };
};
const idFor = ({ path }: Route, { volumeId, backupId }: { volumeId: string; backupId: string }): string =>
  path.startsWith('/backups') ? backupId : volumeId;
const written = async (): Promise<unknown> => {
  const { catalog, project } = here;
  const [types, defaults] = [await catalog.listVolumeTypes(), await catalog.listDefaultTypes()];
  const page = { sort: [], offset: 0, limit: 100, marker: null, visibility: { projectId: project }, filter: {} };
  const rows = [await catalog.listVolumes(page), await catalog.listBackups(page)];
  return [rows, types, defaults, await catalog.quotaLimits(project), await catalog.defaultQuota()];
};

describe('every call that reads a body', () => {
  it('refuses one that is too large by 413 (H-21)', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(120_000) });
    const answers = await answersOf(writing, (route) =>
      ask(pathOf(route, 'id'), { method: METHODS[route.method], body }),
    );
    expect(statuses(answers)).toEqual(all(writing, 413));
    expect(answers[0]![1].body.overLimit).toEqual({ code: 413, message: 'Request is too large.', retryAfter: '0' });
  });

  it.each([
    ['no JSON', '{"a":'],
    ['nothing at all', ''],
  ])('refuses %s by 400 (H-6)', async (_what, body) => {
    const answers = await answersOf(writing, (route) =>
      ask(pathOf(route, 'id'), { method: METHODS[route.method], body }),
    );
    expect(statuses(answers)).toEqual(all(writing, 400));
  });

  it('refuses what isn’t JSON by its type, by 415 (H-6)', async () => {
    const headers = { 'Content-Type': 'application/xml' };
    const answers = await answersOf(writing, (route) =>
      ask(pathOf(route, 'id'), { method: METHODS[route.method], body: '<a/>', headers }),
    );
    expect(statuses(answers)).toEqual(all(writing, 415));
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['a number', 5],
    ['a text', '"text"'],
    ['null', 'null'],
    ['an object of nothing', {}],
    ['a key that nobody knows', { nobody: { knows: 1 } }],
    ['a list 50,000 deep', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['an object 15,000 deep', '{"a":'.repeat(15_000) + '1' + '}'.repeat(15_000)],
    ['9,000 keys', Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, at]))],
    ['prototypes', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}'],
  ])('answers %s by a 4xx and writes nothing', async (_what, body) => {
    const ids = await things();
    const before = await written();
    const answers = await answersOf(
      writing.filter(({ path }) => !HARMLESS.includes(path)),
      (route) => ask(pathOf(route, idFor(route, ids)), { method: METHODS[route.method], body }),
    );
    expect(answers.filter(([, { status }]) => status < 400 || status >= 500).map(([call]) => call)).toEqual([]);
    expect(await written()).toEqual(before);
  });

  /** It takes whatever comes, and does nothing. */
  const HARMLESS = ['/workers/cleanup'];
});

/** Bodies with one text in them that is put to the test. */
const TEXTS: readonly (readonly [
  method: 'POST' | 'PUT',
  path: string,
  what: string,
  body: (text: string) => unknown,
])[] = [
  ['POST', '/volumes', 'name', (name) => ({ volume: { size: 1, name } })],
  ['POST', '/volumes', 'description', (description) => ({ volume: { size: 1, description } })],
  ['POST', '/volumes', 'value', (value) => ({ volume: { size: 1, metadata: { key: value } } })],
  ['PUT', '/volumes/:volume', 'name', (name) => ({ volume: { name } })],
  ['PUT', '/volumes/:volume', 'description', (description) => ({ volume: { description } })],
  ['POST', '/volumes/:volume/metadata', 'value', (value) => ({ metadata: { key: value } })],
  ['PUT', '/volumes/:volume/metadata', 'value', (value) => ({ metadata: { key: value } })],
  ['PUT', '/volumes/:volume/metadata/key', 'value', (value) => ({ meta: { key: value } })],
  ['PUT', '/backups/:backup', 'name', (name) => ({ backup: { name } })],
  ['POST', '/types', 'name', (name) => ({ volume_type: { name } })],
  [
    'POST',
    '/types',
    'description',
    (description) => ({ volume_type: { name: `n${description.length}`, description } }),
  ],
  ['PUT', '/types/:type', 'description', (description) => ({ volume_type: { description } })],
  ['POST', '/types/:type/extra_specs', 'value', (value) => ({ extra_specs: { key: value } })],
  ['PUT', '/types/:type/extra_specs/key', 'value', (value) => ({ key: value })],
];

describe.each(TEXTS)('%s %s with a %s', (method, path, _what, bodyOf) => {
  let concrete: string;
  beforeEach(async () => {
    const { volumeId, backupId } = await things();
    const type = await here.catalog.createVolumeType({
      ...{ name: `type of ${here.project}`, description: null, isPublic: true, extraSpecs: {} },
    });
    concrete = path.replace(':volume', volumeId).replace(':backup', backupId).replace(':type', type.id);
  });
  const send = (text: string) => ask(concrete, { method, body: bodyOf(text) });

  it('takes 255 characters, also of those that take two of JavaScript’s', async () => {
    expect((await send('ä'.repeat(255))).status).toBeLessThan(300);
    expect((await send('💾'.repeat(255))).status).toBeLessThan(300);
  });

  it('refuses 256', async () => {
    const answer = await send('💾'.repeat(256));
    expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringMatching(/too long|more than 255/)]);
  });

  it('keeps SQL and line breaks as they are: they are texts like any other', async () => {
    const text = "x'); drop table volumes; -- \r\nSet-Cookie: a=b\r\n\r\n<script>";
    const answer = await send(text);
    expect(answer.status).toBeLessThan(300);
    expect(answer.headers.get('Set-Cookie')).toBeNull();
    expect(answer.text).toContain(JSON.stringify(text).slice(1, -1));
  });

  it.each(['nul\0', 'half a pair \ud800'])('refuses what cannot be stored: %j', async (text) => {
    expect((await send(text)).status).toBe(400);
  });
});

describe('every call with an id', () => {
  it.each(['%00', 'x%27%20or%20%271%27=%271', '%F0%9F', 'x'.repeat(2000), '..%2F..%2Fetc', '%0d%0aSet-Cookie:%20a=b'])(
    'answers the id %s by no 5xx, and changes nothing',
    async (id) => {
      const before = await written();
      const withId = routes.filter(({ path }) => path.includes(':id'));
      const answers = await answersOf(withId, (route) => {
        const body = route.method === 'get' || route.method === 'delete' ? {} : { body: { a: 1 } };
        return ask(pathOf(route, id), { method: METHODS[route.method], ...body });
      });
      expect(answers.filter(([, { status }]) => status >= 500).map(([call]) => call)).toEqual([]);
      expect(answers.filter(([, { headers }]) => headers.has('Set-Cookie'))).toEqual([]);
      expect(await written()).toEqual(before);
    },
  );
});

const NO_VOLUME = '11111111-2222-4333-8444-555555555555';

describe('POST /backups (H-68)', () => {
  const create = async (backup: unknown, version = 71): Promise<unknown> => {
    const answer = await ask('/backups', { body: { backup }, version });
    return [answer.status, messageOf(answer)];
  };

  it.each([
    [{}, 71, "Invalid input for field/attribute backup. Value: {}. 'volume_id' is a required property"],
    [{ volume_id: 'x' }, 71, "Invalid input for field/attribute volume_id. Value: x. 'x' is not a 'uuid'"],
    [
      { volume_id: NO_VOLUME, nobody: 1 },
      71,
      expect.stringContaining("Additional properties are not allowed ('nobody' was unexpected)"),
    ],
    [{ volume_id: NO_VOLUME, metadata: {} }, 42, expect.stringContaining("('metadata' was unexpected)")],
    [{ volume_id: NO_VOLUME, availability_zone: 'z' }, 50, expect.stringContaining("('availability_zone' was")],
    [{ volume_id: NO_VOLUME, force: 'maybe' }, 71, expect.stringContaining("'maybe' is not one of [True, False]")],
  ])('checks the body %j at 3.%d first', async (backup, version, text) => {
    expect(await create(backup, version)).toEqual([400, text]);
  });

  it('then the volume, then says that it makes none', async () => {
    expect(await create({ volume_id: NO_VOLUME })).toEqual([404, `Volume ${NO_VOLUME} could not be found.`]);
    const { volumeId } = await things();
    expect(await create({ volume_id: volumeId, name: null, container: null, force: false })).toEqual([
      400,
      expect.stringContaining('This service makes volumes of backups, not backups of volumes.'),
    ]);
  });
});
