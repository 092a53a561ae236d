import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { controlSteps } from '../../activities/index';
import { temporalWorkflows } from '../../src/runs/volume-workflows';
import { createWorkflowId } from '../../src/temporal';
import { refusalsAreFinal } from '../../src/workers/refusals';
import { temporalRuns } from '../../src/runs/other-runs';
import { PROJECT_ID, SIZE_GIB, VOLUME_ID } from '../../workflows/search-attributes';
import { acceptFromBackup, importOf } from '../catalog/arrange';
import { suiteClient, suiteTemporal, suiteWorkflowBundle, unique } from '../support/temporal';
import { CONTROL_SETTINGS } from './support/control-settings';
import { messageOf, startApi } from './support/running-api';
import type { RunningApi } from './support/running-api';

/** The whole way of a request: HTTP, Temporal, the workflow, its steps, the catalog, and back. */
const queue = unique('api');
let client: Client;
let api: RunningApi;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  // Refusals are what these tests are about; the SDK warns of each.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  client = await suiteClient();
  api = await startApi({ workflows: () => temporalWorkflows(client, 8_000, queue) });
  const { address, namespace } = suiteTemporal();
  const connection = await NativeConnection.connect({ address });
  const house = {
    catalog: api.catalog,
    runs: temporalRuns(client, temporalWorkflows(client, 8_000, queue)),
    repositoryQueue: 'none',
    queuesOf: (poolName: string) => ({
      poolQueue: `pool-${poolName}`,
      copyQueue: `copy-${poolName}`,
      planQueue: `plan-${poolName}`,
    }),
    settings: CONTROL_SETTINGS,
  };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: queue,
    workflowBundle: { codePath: suiteWorkflowBundle() },
    activities: controlSteps(house),
    interceptors: { activity: [refusalsAreFinal] },
  });
  const running = worker.run();
  stopWorker = async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
});
afterAll(async () => {
  await stopWorker();
  await client.connection.close();
  await api.close();
});

it('answers 202 when the row is there, and the workflow says in words what it does (design 4.1)', async () => {
  const { project, ask } = api.caller();
  const answer = await ask('/volumes', { body: { volume: { size: 3, name: 'data' } } });
  expect([answer.status, answer.body.volume.status]).toEqual([202, 'creating']);
  const { id } = answer.body.volume;
  const run = await client.workflow.getHandle(createWorkflowId(id)).describe();
  expect(await run.staticSummary()).toBe('Create volume data (3 GiB) empty');
  expect(await run.staticDetails()).toContain(answer.headers.get('x-openstack-request-id'));
  const { typedSearchAttributes } = run;
  expect(typedSearchAttributes.get(VOLUME_ID)).toBe(id);
  expect(typedSearchAttributes.get(PROJECT_ID)).toBe(project);
  expect(typedSearchAttributes.get(SIZE_GIB)).toBe(3);
});

it('locks the backup before it answers 202 (P-1)', async () => {
  const { project, ask } = api.caller();
  const { id } = await api.catalog.importBackup(importOf({ projectId: project, sizeGib: 2 }));
  const answer = await ask('/volumes', { body: { volume: { backup_id: id, name: '💾'.repeat(255) } } });
  expect(answer.status).toBe(202);
  expect(answer.body.volume).toMatchObject({ size: 2, backup_id: id });
});

it('brings a refusal of the workflow back to the caller, with its status and text, and leaves nothing (S-5, S-6, S-12)', async () => {
  const { project, ask } = api.caller();
  const { id } = await api.catalog.importBackup(importOf({ projectId: project, sizeGib: 2 }));
  const asked = [
    { backup_id: randomUUID() },
    { backup_id: id, size: 1 },
    { size: 2000 },
    { size: 1, volume_type: 'no' },
  ];
  const answers = await Promise.all(asked.map((volume) => ask('/volumes', { body: { volume } })));
  expect(answers.map(({ status }) => status)).toEqual([404, 400, 413, 404]);
  expect(answers[1]!.body.badRequest.message).toContain('cannot be smaller than the backup size 2GB');
  expect(answers[2]!.body.overLimit.message).toContain('VolumeSizeExceedsAvailableQuota: ');
  expect((await ask('/volumes')).body).toEqual({ volumes: [] });
});

it('retries a create that failed, by a new run under the same id, and never by two at once', async () => {
  const { project, ask } = api.caller();
  const { id: backup_id } = await api.catalog.importBackup(importOf({ projectId: project }));
  const { id } = (await ask('/volumes', { body: { volume: { backup_id } } })).body.volume;
  const runs = client.workflow.getHandle(createWorkflowId(id));
  // No pool has reported: it can only fail.
  await runs.result().catch(() => undefined);
  const first = await runs.describe();
  expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('error');
  const retry = () => ask(`/volumes/${id}/action`, { body: { 'rekindle-retry': {} } });
  const accepted = await retry();
  expect([accepted.status, accepted.text]).toEqual([202, '']);
  await runs.result().catch(() => undefined);
  const second = await runs.describe();
  expect(second.runId).not.toBe(first.runId);
  expect(await second.staticSummary()).toContain('(1 GiB) from backup');

  // A run that goes on, as far as Temporal knows.
  const { volume } = await acceptFromBackup(api.catalog, { projectId: project });
  await client.workflow.start('createVolumeFromBackup', {
    workflowId: createWorkflowId(volume.id),
    taskQueue: unique('nobody-works-here'),
    args: [],
  });
  const refused = await ask(`/volumes/${volume.id}/action`, { body: { 'rekindle-retry': {} } });
  await client.workflow.getHandle(createWorkflowId(volume.id)).terminate();
  expect([refused.status, messageOf(refused)]).toEqual([
    409,
    `Volume ${volume.id} is being created at this moment, or has just been: there is nothing to retry.`,
  ]);
});

it('makes one volume of an Idempotency-Key for all who ask at once, and frees the key of a refused one', async () => {
  const { project, ask } = api.caller();
  const create = () => ask('/volumes', { body: { volume: { size: 1 } }, headers: { 'Idempotency-Key': 'once' } });
  await api.catalog.setQuota(project, { volumes: 0 });
  const refused = await Promise.all([create(), create(), create()]);
  expect(refused.map(({ status }) => status)).toEqual([413, 413, 413]);
  await api.catalog.setQuota(project, { volumes: 1 });
  const made = await Promise.all([create(), create(), create()]);
  expect(new Set(made.map(({ status, body }) => `${status} ${body.volume.id}`)).size).toBe(1);
  expect(made[0].status).toBe(202);
});

it('accepts a deletion (H-57)', async () => {
  const { ask } = api.caller();
  const { id } = (await ask('/volumes', { body: { volume: { size: 1 } } })).body.volume;
  const answer = await ask(`/volumes/${id}`, { method: 'DELETE' });
  expect([answer.status, answer.text]).toEqual([202, '']);
});
