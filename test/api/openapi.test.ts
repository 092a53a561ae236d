import { readFileSync } from 'node:fs';
import { apiRoutes } from '../../src/api/api';
import { openApiDocument } from '../../src/api/openapi';
import type { Route } from '../../src/api/route';
import { clientsFile, INSTALL_TIMEOUT_MS } from '../support/clients-venv';
import { startKeystone } from '../support/keystone';
import type { Keystone } from '../support/keystone';
import type { PythonVenv } from '../support/python-venv';
import { schemathesisVenv, tryOut } from '../support/schemathesis';
import { catalogWorkflows } from './support/catalog-workflows';
import { keystoneSettings } from './support/keystone-settings';
import { populate } from './support/populated-project';
import { SETTINGS, startApi } from './support/running-api';
import type { RunningApi } from './support/running-api';
import { useApi } from './support/use-api';

/** The document of the API, made of what validates its bodies, and whether the API keeps to it. */
const here = useApi();

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  readonly parameters: readonly { readonly in?: string; readonly name?: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Record<string, unknown> }> };
  readonly responses: Record<string, unknown>;
}

interface Refusal {
  readonly content: { readonly 'application/json': { readonly schema: { readonly required: readonly string[] } } };
}

interface Refusals {
  readonly components: { readonly responses: Record<string, Refusal> };
}

const document = async (): Promise<Document> => {
  const answer = await here.api.fetch('/openapi.json');
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'application/json']);
  return answer.body as unknown as Document;
};

describe('GET /openapi.json', () => {
  it('tells anybody, without a token, what the newest microversion is', async () => {
    expect(await document()).toMatchObject({ openapi: '3.1.0', info: { version: '3.71' } });
  });

  it('has every call, and of each what it takes and by what it answers', async () => {
    const { catalog } = here;
    const routes = apiRoutes({ catalog, workflows: catalogWorkflows(catalog), settings: SETTINGS });
    const { paths } = await document();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    );
    const named = ({ method, path }: Route): string => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
    expect(operations.map(([name]) => name).sort()).toEqual([...new Set(routes.map(named))].sort());
    const withoutBody = operations.filter(([name, { requestBody }]) => /^(post|put)/.test(name) !== !!requestBody);
    expect(withoutBody.map(([name]) => name)).toEqual([]);
  });

  it('says what a refusal looks like, which Keystone’s own does not (H-24, H-30)', () => {
    const refusals = (auth: 'noauth' | 'keystone') => openApiDocument([], auth) as unknown as Refusals;
    const keys = ({ content }: Refusal) => content['application/json'].schema.required;
    const ofNoauth = refusals('noauth').components.responses;
    expect([keys(ofNoauth['Fault404']!), keys(ofNoauth['Fault401']!)]).toEqual([['itemNotFound'], ['unauthorized']]);
    expect(keys(refusals('keystone').components.responses['Fault401']!)).toEqual(['error']);
  });

  it('has the headers that a call reads beyond those of every call', async () => {
    const { paths } = await document();
    const headers = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters }]) =>
        parameters
          .filter((parameter) => 'in' in parameter && parameter.in === 'header')
          .map(({ name }) => `${method} ${path} ${name}`),
      ),
    );
    expect(headers).toEqual([
      'post /volumes Idempotency-Key',
      'put /volumes/{id}/metadata If-Match',
      'put /volumes/{id}/metadata/{key} If-Match',
    ]);
  });

  it('shows of a body what its schema checks', async () => {
    const { paths } = await document();
    const schema = paths['/volumes']!['post']!.requestBody!.content['application/json']!.schema;
    expect(schema).toMatchObject({
      required: ['volume'],
      additionalProperties: false,
      properties: {
        volume: {
          additionalProperties: false,
          properties: {
            size: { type: ['integer', 'string', 'null'] },
            metadata: { type: ['object', 'null'], additionalProperties: { type: 'string', maxLength: 255 } },
            backup_id: { type: ['string', 'null'] },
          },
        },
      },
    });
  });
});

/** `npm run try-api` takes longer, tries the edge cases of each parameter too, and may be told another seed. */
const isLong = process.env['REKINDLE_API_EXAMPLES'] !== undefined;
const maxExamples = Number(process.env['REKINDLE_API_EXAMPLES'] ?? 4);
const phases = [...(isLong ? ['coverage'] : []), 'fuzzing', 'stateful'];
const seed = Number(process.env['REKINDLE_API_SEED'] ?? 20_261_129);

describe(`schemathesis, with random calls made of the document by the seed ${seed}`, () => {
  let venv: PythonVenv;
  beforeAll(async () => {
    venv = await schemathesisVenv();
  }, INSTALL_TIMEOUT_MS);

  interface Trial {
    readonly api: RunningApi;
    readonly project: string;
    readonly headers: Record<string, string>;
    /** Some of those by which it has to be answered: it has asked for what is there, and not only been refused. */
    readonly statuses: readonly number[];
    readonly examples?: number;
  }

  async function expectNoFindings({ api, project, headers, statuses, examples = maxExamples }: Trial): Promise<void> {
    const known = await populate(api.catalog, project);
    api.logged.length = 0;
    const { code, report } = await tryOut(venv, {
      document: `${api.url}/openapi.json`,
      base: `${api.url}/v3/${project}`,
      headers,
      known,
      config: readFileSync(clientsFile('schemathesis', 'known.toml'), 'utf8'),
      ...{ seed, maxExamples: examples, phases, timeoutMs },
      // A quarter of an hour without a word looks like one that doesn't end.
      listen: isLong ? (text) => void process.stderr.write(text) : undefined,
    });
    if (code !== 0) throw new Error(`${code === null ? 'It did not end in time.\n' : ''}${report}`);
    expect(api.logged.map(({ status }) => status)).toEqual(expect.arrayContaining([...statuses]));
  }

  /** One for each trial, which changes everybody's quotas and types too. */
  let api: RunningApi;
  afterEach(() => api.close());

  /** On a busy machine: for the edge cases ten minutes, for each example of all operations half of one. */
  const timeoutMs = isLong ? 600_000 + 30_000 * maxExamples : 300_000;
  /** So that what it has said is told. */
  const patienceMs = timeoutMs + 60_000;

  it.each([
    ['the newest microversion', { 'OpenStack-API-Version': 'volume 3.71' }],
    ['any microversion', {}],
  ])(
    'finds no 5xx and nothing outside the document, by %s',
    async (_what, version) => {
      api = await startApi();
      const { project } = api.caller();
      const headers = { ...version, 'X-Auth-Token': `user:${project}` };
      await expectNoFindings({ api, project, headers, statuses: [200, 202, 400, 404] });
    },
    patienceMs,
  );

  describe('for who is no admin', () => {
    let keystone: Keystone;
    beforeAll(async () => {
      keystone = await startKeystone();
    }, INSTALL_TIMEOUT_MS);
    afterAll(() => keystone.stop());

    it.each([
      ['a member', 'mary', [200, 202, 400, 403, 404]],
      ['a reader', 'rita', [200, 400, 403, 404]],
    ] as const)(
      'finds no 5xx and nothing outside the document, as %s',
      async (_who, user, statuses) => {
        api = await startApi({ settings: { auth: keystoneSettings(keystone) } });
        const headers = {
          'OpenStack-API-Version': 'volume 3.71',
          'X-Auth-Token': await keystone.token(user, 'alpha'),
        };
        const { alpha: project } = keystone.projects;
        // Most is refused at once, whatever it is.
        const examples = Math.ceil(maxExamples / 2);
        await expectNoFindings({ api, project, headers, statuses, examples });
      },
      patienceMs,
    );
  });
});
