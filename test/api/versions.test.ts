import { startApi } from './support/running-api';
import type { RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe('version discovery', () => {
  const expected = (): object => ({
    versions: [
      {
        id: 'v3.0',
        status: 'CURRENT',
        version: '3.71',
        min_version: '3.0',
        updated: '2023-08-31T00:00:00Z',
        links: [
          { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
          { rel: 'self', href: `${api.url}/v3/` },
        ],
        'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
      },
    ],
  });

  it.each([
    ['/', 300],
    ['/v3', 200],
    ['/v3/', 200],
  ])('answers GET %s with %i and the versions, to anybody (H-10, H-11)', async (path, status) => {
    const answer = await api.fetch(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(expected());
  });

  it.each(['volume 3.99', 'volume 4.0', 'volume foo', 'compute 2.1', 'volume'])(
    'never refuses a client that announces %s (H-13)',
    async (header) => {
      const answer = await api.fetch('/', { headers: { 'OpenStack-API-Version': header } });
      expect(answer.status).toBe(300);
      expect(answer.body).toEqual(expected());
    },
  );

  it('links to the public address where one is configured (H-12)', async () => {
    const behindProxy = await startApi({ settings: { publicUrl: 'https://cloud.example/block-storage/' } });
    const answer = await behindProxy.fetch('/v3/');
    await behindProxy.close();
    expect(answer.body.versions[0]?.links[1]?.href).toBe('https://cloud.example/block-storage/v3/');
  });

  it('is healthy (H-1)', async () => {
    const answer = await api.fetch('/healthcheck');
    expect([answer.status, answer.body]).toEqual([200, { detailed: false, reasons: ['OK'] }]);
  });
});

describe('microversions', () => {
  const asking = (header: string) => api.caller().ask('/volumes', { headers: { 'OpenStack-API-Version': header } });

  it.each([
    ['volume 3.47', 'volume 3.47'],
    ['  volume   3.47 ', 'volume 3.47'],
    ['volume 3.47, compute 2.1', 'volume 3.47'],
    ['compute 2.1,volume 3.5', 'volume 3.5'],
    ['volume latest', 'volume 3.71'],
  ])('takes "%s" for %s, and says so (H-14, H-16)', async (header, used) => {
    const answer = await asking(header);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('OpenStack-API-Version')).toBe(used);
    expect(answer.headers.get('Vary')).toBe('OpenStack-API-Version');
  });

  it('is 3.0 without a header, and with that of gophercloud alone (H-14, H-17)', async () => {
    const answer = await api.caller().ask('/volumes', { headers: { 'X-OpenStack-Volume-API-Version': '3.47' } });
    expect([answer.status, answer.headers.get('OpenStack-API-Version')]).toEqual([200, 'volume 3.0']);
  });

  it('refuses what is out of range by 406, in the version that was asked for (H-15, H-16)', async () => {
    const answer = await asking('volume 3.72');
    expect(answer.status).toBe(406);
    expect(answer.body).toEqual({
      computeFault: {
        code: 406,
        message: 'Version 3.72 is not supported by the API. Minimum is 3.0 and maximum is 3.71.',
      },
    });
    expect(answer.headers.get('OpenStack-API-Version')).toBe('volume 3.72');
  });

  it.each([
    ['volume foo', 'API Version String foo is of invalid format. Must be of format MajorNum.MinorNum.'],
    ['compute 2.1', expect.stringContaining('either malformed or otherwise incorrect')],
    ['volume', expect.stringContaining('either malformed or otherwise incorrect')],
    [`volume ${'9'.repeat(400)}`, expect.stringContaining('invalid format')],
  ])('refuses "%s" by 400 (H-15)', async (header, message) => {
    const answer = await asking(header);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ badRequest: { code: 400, message } });
  });

  it('hides what a later version brought, in the envelope (H-5)', async () => {
    const answer = await api.caller().ask('/messages', { version: 2 });
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    expect(answer.headers.get('OpenStack-API-Version')).toBe('volume 3.2');
  });

  it.each([
    [3, 'GET', '/messages'],
    [7, 'GET', '/clusters'],
    [9, 'PUT', '/backups/nope'],
    [11, 'GET', '/group_types'],
    [12, 'GET', '/volumes/summary'],
    [13, 'GET', '/groups'],
    [14, 'GET', '/group_snapshots'],
    [24, 'POST', '/workers/cleanup'],
    [27, 'GET', '/attachments'],
    [33, 'GET', '/resource_filters'],
    [62, 'GET', '/default-types'],
  ] as const)('brings with 3.%i what Cinder’s did: %s %s (H-5, H-18)', async (version, method, path) => {
    const { ask } = api.caller();
    const asked = { method, ...(method === 'GET' ? {} : { body: {} }) };
    const [before, since] = [
      await ask(path, { ...asked, version: version - 1 }),
      await ask(path, { ...asked, version }),
    ];
    expect(before.body).toEqual({ itemNotFound: { code: 404, message: 'The resource could not be found.' } });
    expect([since.status, since.text]).not.toEqual([404, before.text]);
  });

  it('is on errors of routes too (H-16)', async () => {
    const answer = await api.caller().ask('/volumes/nope', { version: 47 });
    expect([answer.status, answer.headers.get('OpenStack-API-Version')]).toEqual([404, 'volume 3.47']);
  });
});
