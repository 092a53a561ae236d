import { Client, Connection } from '@temporalio/client';
import { NoAnswer } from '../../src/runs/temporal-answers';
import { temporalWorkflows } from '../../src/runs/volume-workflows';
import { freePort } from '../../src/local/free-port';
import { accept, acceptFromBackup, DEFAULTS, importOf, poolOf, REASON, RUN } from '../catalog/arrange';
import { suiteClient, unique } from '../support/temporal';
import { catalogWorkflows } from './support/catalog-workflows';
import { cuttableLink } from './support/cuttable-link';
import type { CuttableLink } from './support/cuttable-link';
import { messageOf, startApi } from './support/running-api';
import type { RunningApi } from './support/running-api';

/** What a caller hears when somebody whom the API needs does not answer. */
const ACCEPT_TIMEOUT_MS = 500;
const GRACE_MS = 2_000;

let api: RunningApi;
let closeClient: () => Promise<void>;

async function startWith(client: Client): Promise<void> {
  closeClient = () => client.connection.close();
  api = await startApi({
    settings: { acceptTimeoutMs: ACCEPT_TIMEOUT_MS, explainTimeoutMs: ACCEPT_TIMEOUT_MS },
    workflows: () => temporalWorkflows(client, ACCEPT_TIMEOUT_MS, unique('nobody-works-here')),
  });
}

describe.each([
  ['no worker answers', suiteClient],
  [
    'Temporal cannot be reached',
    async () => new Client({ connection: Connection.lazy({ address: `127.0.0.1:${await freePort()}` }) }),
  ],
])('when %s', (_what, connect) => {
  beforeAll(async () => startWith(await connect()));
  afterAll(async () => {
    await api.close();
    await closeClient();
  });

  it('a create is answered by 503 once it can no longer be accepted, and there is no volume (H-30)', async () => {
    const { ask } = api.caller();
    const begunAt = performance.now();
    const answer = await ask('/volumes', { body: { volume: { size: 1 } } });
    const tookMs = performance.now() - begunAt;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('5');
    expect(answer.body.serviceUnavailable).toEqual({
      code: 503,
      message:
        'The request was not accepted in time: Temporal or its workers did not answer. ' +
        'No volume was created, and the request can safely be repeated.',
    });
    expect(tookMs).toBeGreaterThanOrEqual(ACCEPT_TIMEOUT_MS + GRACE_MS - 10);
    expect(tookMs).toBeLessThan(ACCEPT_TIMEOUT_MS + GRACE_MS + 5_000);
    expect((await ask('/volumes')).body).toEqual({ volumes: [] });
    const requestId = answer.headers.get('x-openstack-request-id');
    expect(api.logged).toContainEqual(expect.objectContaining({ level: 50, requestId }));
  });

  it('a retry is answered by 503, and the volume stands as it stood', async () => {
    const { project, ask } = api.caller();
    const { volume } = await acceptFromBackup(api.catalog, { projectId: project });
    await api.catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    const answer = await ask(`/volumes/${volume.id}/action`, { body: { 'rekindle-retry': {} } });
    expect(answer.status).toBe(503);
    expect(answer.body.serviceUnavailable.message).toContain('The retry was not accepted in time');
    expect((await ask(`/volumes/${volume.id}`)).body.volume.status).toBe('error');
  });

  it('who wants a create explained is answered by 503', async () => {
    const { ask } = api.caller();
    const answer = await ask('/volumes/rekindle-explain', { body: { volume: { size: 1 } } });
    expect([answer.status, messageOf(answer)]).toEqual([
      503,
      'The request was not explained in time: Temporal or its workers did not answer. ' +
        'Nothing was changed, and the request can safely be repeated.',
    ]);
  });

  it('a delete is answered by 503, and the volume stands as it stood', async () => {
    const { project, ask } = api.caller();
    const { id } = await accept(api.catalog, { projectId: project });
    const answer = await ask(`/volumes/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(503);
    expect(answer.body.serviceUnavailable.message).toContain('The deletion was not accepted in time');
    expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('creating');
  });
});

describe('when the answer is lost', () => {
  it('a create that was accepted all the same is answered by 202 (design 4.1)', async () => {
    // The workflow accepts, and Temporal's answer comes when nobody waits for it any more.
    const lossy = await startApi({
      settings: { acceptTimeoutMs: ACCEPT_TIMEOUT_MS },
      workflows: (catalog) => ({
        ...catalogWorkflows(catalog),
        create: async (request) => {
          await catalog.acceptVolume(request, DEFAULTS, RUN);
          throw new NoAnswer('the answer was lost');
        },
        retry: async () => undefined,
        restore: async () => undefined,
        removeBackup: async () => undefined,
        remove: async ({ volumeId }) => {
          await catalog.beginDeletion(volumeId, 'some-run');
          throw new NoAnswer('the answer was lost');
        },
      }),
    });
    const { ask } = lossy.caller();
    const created = await ask('/volumes', { body: { volume: { size: 1 } } });
    const removed = await ask(`/volumes/${created.body.volume.id}`, { method: 'DELETE' });
    await lossy.close();
    expect([created.status, created.body.volume.status, removed.status]).toEqual([202, 'creating', 202]);
  });

  it('so is a retry', async () => {
    const lossy = await startApi({
      workflows: (catalog) => ({
        ...catalogWorkflows(catalog),
        retry: async (request) => {
          await catalogWorkflows(catalog).retry(request);
          throw new NoAnswer('the answer was lost');
        },
      }),
    });
    const { project, ask } = lossy.caller();
    const { volume } = await acceptFromBackup(lossy.catalog, { projectId: project });
    await lossy.catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
    const retried = await ask(`/volumes/${volume.id}/action`, { body: { 'rekindle-retry': {} } });
    const shown = await ask(`/volumes/${volume.id}`);
    await lossy.close();
    expect([retried.status, shown.body.volume.status]).toEqual([202, 'creating']);
  });
});

interface Lost {
  readonly acceptTimeoutMs: number;
  /** Whether it was taken all the same. */
  readonly isAccepted: boolean;
}

/** An API that never hears what became of such a request. */
function answerLost(asked: 'extend' | 'restore', { acceptTimeoutMs, isAccepted }: Lost): Promise<RunningApi> {
  return startApi({
    settings: { acceptTimeoutMs },
    workflows: (catalog) => {
      const workflows = catalogWorkflows(catalog);
      const lose = async (accept: () => Promise<void>): Promise<void> => {
        if (isAccepted) await accept();
        throw new NoAnswer('the answer was lost');
      };
      return asked === 'extend'
        ? { ...workflows, extend: (request) => lose(() => workflows.extend(request)) }
        : { ...workflows, restore: (request) => lose(() => workflows.restore(request)) };
    },
  });
}

describe('an extension', () => {
  it.each([
    ['accepted all the same, is answered by 202', 8_000, 202, 'extending'],
    ['not accepted, is answered by 503, and nothing is changed (H-30)', 100, 503, 'available'],
  ])('whose answer is lost: %s', async (_what, acceptTimeoutMs, status, becomes) => {
    const lossy = await answerLost('extend', { acceptTimeoutMs, isAccepted: status === 202 });
    const { project: projectId, ask } = lossy.caller();
    await lossy.catalog.reportPools([poolOf()]);
    const { id } = await accept(lossy.catalog, { projectId });
    await lossy.catalog.placeVolume({ volumeId: id, choose: () => poolOf().name });
    await lossy.catalog.completeVolume({ volumeId: id, written: null });
    const answer = await ask(`/volumes/${id}/action`, { body: { 'os-extend': { new_size: 2 } } });
    const shown = await ask(`/volumes/${id}`);
    await lossy.close();
    expect([answer.status, shown.body.volume.status]).toEqual([status, becomes]);
  });
});

describe('a restore into a volume that is there', () => {
  it.each([
    ['accepted all the same, is answered by 202', 8_000, 202, 'restoring-backup'],
    ['not accepted, is answered by 503, and nothing is changed (H-30)', 100, 503, 'available'],
  ])('whose answer is lost: %s', async (_what, acceptTimeoutMs, status, becomes) => {
    const lossy = await answerLost('restore', { acceptTimeoutMs, isAccepted: status === 202 });
    const { project: projectId, ask } = lossy.caller();
    const { id: backupId } = await lossy.catalog.importBackup(importOf({ projectId }));
    const { id } = await accept(lossy.catalog, { projectId });
    await lossy.catalog.completeVolume({ volumeId: id, written: null });
    const answer = await ask(`/backups/${backupId}/restore`, { body: { restore: { volume_id: id } } });
    const shown = await ask(`/volumes/${id}`);
    await lossy.close();
    expect([answer.status, shown.body.volume.status]).toEqual([status, becomes]);
  });
});

describe('when the catalog cannot be reached', () => {
  let link: CuttableLink;
  beforeAll(async () => {
    api = await startApi({
      reachDatabase: async (url) => {
        const through = new URL(url);
        link = await cuttableLink(Number(through.port));
        through.hostname = '127.0.0.1';
        through.port = String(link.port);
        return through.href;
      },
    });
  });
  afterAll(() => api.close());

  it('requests are answered by 503, versions and health as ever (H-30)', async () => {
    const { ask } = api.caller();
    expect((await ask('/volumes')).status).toBe(200);
    link.cut();
    const answers = [await ask('/volumes'), await ask('/volumes', { body: { volume: { size: 1 } } })];
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(answers[0]!.body.serviceUnavailable.message).toBe(
      'The catalog of volumes and backups cannot be reached at the moment.',
    );
    expect((await api.fetch('/')).status).toBe(300);
    expect((await api.fetch('/healthcheck')).status).toBe(200);
  });
});
