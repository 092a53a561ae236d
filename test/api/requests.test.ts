import { connect } from 'node:net';
import { once } from 'node:events';
import { listen } from '../../src/api/listen';
import express from 'express';
import { startApi } from './support/running-api';
import type { RunningApi } from './support/running-api';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe('noauth', () => {
  it('tells who brings no token which one to bring, whatever the URL (H-22)', async () => {
    const answer = await api.fetch('/v3/anything', {
      headers: { 'X-Auth-User': 'anna', 'X-Auth-Project-Id': 'abc' },
    });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('X-Auth-Token')).toBe('anna:abc');
    expect(answer.headers.get('X-Server-Management-Url')).toBe(`${api.url}/v3/anything`);
    expect((await api.fetch('/v3/volumes')).headers.get('X-Auth-Token')).toBe('admin:admin');
  });

  it('takes a token without a colon for user and project (H-22)', async () => {
    const answer = await api.fetch('/v3/abc/volumes', { headers: { 'X-Auth-Token': 'abc' } });
    expect(answer.status).toBe(200);
  });

  it('refuses a token that could be nobody', async () => {
    const tokens = [':', 'u:'.padEnd(300, 'p')];
    const answers = await Promise.all(
      tokens.map((token) => api.fetch('/v3/volumes', { headers: { 'X-Auth-Token': token } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers[0]!.body.unauthorized.code).toBe(401);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])('does not listen on %s unless told to', async (host) => {
    const listening = listen(express(), { host, port: 0, auth: 'noauth', allowRemoteNoauth: false });
    await expect(listening).rejects.toThrow(`everybody who reaches ${host} is an admin`);
  });

  it.each([
    ['when told to', 'noauth', true],
    ['where Keystone says who callers are', 'keystone', false],
  ] as const)('listens beyond loopback %s', async (_when, auth, allowRemoteNoauth) => {
    const server = await listen(express(), { host: '0.0.0.0', port: 0, auth, allowRemoteNoauth });
    expect(server.listening).toBe(true);
    server.close();
  });
});

describe('URLs', () => {
  it('work with the project and without it, at every version (H-2)', async () => {
    const { project, ask } = api.caller();
    const without = await api.fetch('/v3/volumes', { headers: { 'X-Auth-Token': `user:${project}` } });
    const answer = await ask('/volumes');
    expect([without.status, without.body]).toEqual([200, { volumes: [] }]);
    expect([answer.status, answer.body]).toEqual([200, { volumes: [] }]);
  });

  it('of another project than the token are malformed (H-3)', async () => {
    const answer = await api.fetch('/v3/abc/volumes', { headers: { 'X-Auth-Token': 'user:def' } });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ badRequest: { code: 400, message: 'Malformed request url' } });
  });

  it.each([
    ['GET', '/nothing'],
    ['PATCH', '/volumes'],
    ['PUT', '/volumes'],
    ['DELETE', '/volumes'],
    ['GET', '/Volumes'],
    ['GET', '/volumes/'],
    ['GET', '/backups/detail/'],
  ] as const)('that lead nowhere get webob’s answer: %s %s (H-4)', async (method, path) => {
    const answer = await api.caller().ask(path, { method });
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      message: 'The resource could not be found.<br /><br />\n\n\n',
      code: '404 Not Found',
      title: 'Not Found',
    });
    expect(answer.headers.get('OpenStack-API-Version')).toBeNull();
  });

  it('that lead nowhere are plain text for who wants no JSON; v2 does not exist (H-1, H-4)', async () => {
    const answer = await api.fetch('/v2/', { headers: { Accept: '*/*' } });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/plain');
  });

  it.each([
    '/volumes/__proto__',
    '/volumes/%00',
    '/volumes/%F0%9F%92%BE',
    "/volumes/'%20or%201=1--",
    `/volumes/${'x'.repeat(5000)}`,
    '/backups/%00',
    '/backups/constructor/export_record',
    '/messages/%00',
    '/types/%00',
    '/types/toString',
    '/snapshots/%00',
  ])('with an id of any text find nothing: %s', async (path) => {
    const answer = await api.caller().ask(path, { version: 71 });
    expect(answer.status).toBe(404);
    expect(answer.body.itemNotFound.message).toMatch(/could not be found\.$/);
  });

  it.each([
    '/volumes/%ZZ',
    '/volumes/%ff',
    '/volumes?name=%00',
    '/volumes/detail?marker=a%00b',
    '/messages?request_id=%00',
  ])('that no id or filter can be are malformed: %s', async (path) => {
    const answer = await api.caller().ask(path, { version: 71 });
    expect([answer.status, answer.body.badRequest.code]).toEqual([400, 400]);
  });
});

describe('bodies', () => {
  const post = (body: unknown, headers = {}) => api.caller().ask('/volumes', { method: 'POST', body, headers });

  it.each(['', '{', '{"volume":', 'null{', '\u0001'])('that are no JSON are malformed: %j (H-6)', async (body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ badRequest: { code: 400, message: 'Malformed request body' } });
  });

  it.each(['text/plain', 'application/xml', 'application/jsonx', 'multipart/form-data; boundary=x'])(
    'of type %s are not understood (H-6)',
    async (type) => {
      const answer = await post('{"volume":{"size":1}}', { 'Content-Type': type });
      expect(answer.status).toBe(415);
      expect(answer.body).toEqual({ badMediaType: { code: 415, message: 'Unsupported Content-Type' } });
    },
  );

  it('may name their charset', async () => {
    const answer = await post('{"volume":{"size":1}}', { 'Content-Type': 'application/json; charset=utf-8' });
    expect(answer.status).toBe(202);
  });

  it('are an object (H-6)', async () => {
    const answer = await post([]);
    expect(answer.body).toEqual({ badRequest: { code: 400, message: "[] is not of type 'object'" } });
  });

  it('larger than Cinder takes are refused (H-21)', async () => {
    const answer = await post({ volume: { size: 1, description: 'x'.repeat(120_000) } });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('Retry-After')).toBe('0');
    expect(answer.body).toEqual({ overLimit: { code: 413, message: 'Request is too large.', retryAfter: '0' } });
  });

  it('nested without end do no harm', async () => {
    const answer = await post(`{"volume":{"size":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`);
    expect(answer.status).toBe(400);
    expect(answer.body.badRequest.message).toContain('is not of type');
  });
});

describe('answers', () => {
  it('bear one request id, which is in the log and not the caller’s (H-20)', async () => {
    const theirs = 'req-11111111-2222-4333-8444-555555555555';
    const answer = await api.caller().ask('/volumes/nope', { headers: { 'X-OpenStack-Request-ID': theirs } });
    const id = answer.headers.get('x-openstack-request-id');
    expect(id).toMatch(/^req-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(id).not.toBe(theirs);
    expect(answer.headers.get('x-compute-request-id')).toBe(id);
    const lines = api.logged.filter((line) => line['requestId'] === id);
    expect(lines).toEqual([expect.objectContaining({ method: 'GET', status: 404, globalRequestId: theirs })]);
  });

  it('bear a request id also when nothing was routed (H-20)', async () => {
    for (const path of ['/', '/v2', '/v3/volumes', '/healthcheck']) {
      expect((await api.fetch(path)).headers.get('x-openstack-request-id')).toMatch(/^req-/);
    }
  });

  it('are JSON without a charset, and say nothing of what serves them (H-7)', async () => {
    const { headers } = await api.caller().ask('/volumes');
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
  });

  it('survive a caller who leaves', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('POST /v3/volumes HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a:b\r\nContent-Length: 100\r\n\r\n{');
    socket.destroy();
    expect((await api.fetch('/healthcheck')).status).toBe(200);
  });
});
