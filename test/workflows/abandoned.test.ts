import { randomUUID } from 'node:crypto';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { LookedAt } from '../../activities/find-abandoned';
import type { StepName } from '../../activities/index';
import {
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../../src/temporal';
import { expectBackupFree, expectKeptData, messagesOf } from '../support/clean-slate';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import { eventually } from '../support/eventually';
import { damageableCopy, fixture } from '../support/fixtures';
import { gate } from '../support/gate';
import { PROJECT, startHouse } from '../support/house';
import type { House, HouseOptions } from '../support/house';
import { volumeSha256 } from '../support/volume-content';
import type { Reconciled } from '../../workflows/reconcile';

const chain = fixture('zlib-c4m-s32k-odd');

let house: House;
let letGo: () => void = () => undefined;

// The namespace is that of other tests too, and they have no use for the schedule.
afterEach(async () => {
  letGo();
  await house.client.schedule.getHandle('rekindle-reconcile').delete();
  await house.stop();
});

/** A house whose volumes are looked after each second. */
async function startCaringHouse(options: HouseOptions = {}): Promise<void> {
  house = await startHouse({
    repository: chain.repoRoot,
    aroundDriver: withoutNativeWay,
    config: {
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      worker: { reportEveryMs: 500, reconcileEveryMs: 1_000 },
    },
    ...options,
  });
}

/** Holds the first step of this name up before it does anything, until the test is over; `reached` once it is. */
function heldUp(step: StepName): { reached: Promise<void>; interceptor: ActivityInterceptorsFactory } {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const over = new Promise<never>((_resolve, reject) => {
    letGo = () => reject(new Error('The test is over.'));
  });
  // Nobody may have waited.
  over.catch(() => undefined);
  let isHeld = false;
  return {
    reached,
    interceptor: ({ info, cancelled }) => ({
      inbound: {
        execute: async (input, next) => {
          if (info.activityType !== step || isHeld) return next(input);
          isHeld = true;
          reach();
          return Promise.race([cancelled, over]);
        },
      },
    }),
  };
}

function terminate(workflowId: string): Promise<unknown> {
  return house.client.workflow.getHandle(workflowId).terminate('an operator meant well');
}

const STEPS: readonly StepName[] = [
  'scheduleVolume',
  'createFromBackup',
  'createRawVolume',
  'restoreBackup',
  'completeVolume',
];

describe('a volume whose workflow was terminated', () => {
  it.each(STEPS)(
    'in %s: ends in error, with the reason and a next step, its backup is free, and a retry makes it',
    async (step) => {
      const { reached, interceptor } = heldUp(step);
      await startCaringHouse({ interceptors: [interceptor] });
      const backupId = await house.importChain(chain);
      const volumeId = await house.create({ backupId });
      await reached;

      await terminate(createWorkflowId(volumeId));

      expect(await house.settled(volumeId)).toMatchObject({ status: 'error', host: null });
      expect(await messagesOf(house, volumeId)).toEqual([
        'create volume from backend storage:The creation was abandoned. The workflow that created it was terminated. ' +
          'Retry it (rekindle-retry): what was copied is not copied again. Or delete it.',
      ]);
      await expectBackupFree(house, backupId);
      await house.retry(volumeId);
      expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
      expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
      await expectBackupFree(house, backupId);
      expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
    },
  );

  it('in the middle of its copy: the copy stops, and what it wrote is kept', async () => {
    const stall = stallingDriver(1);
    await startCaringHouse({ aroundDriver: (driver) => stall.around(withoutNativeWay(driver)) });
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await stall.copying();

    await terminate(createWorkflowId(volumeId));

    await house.settled(volumeId);
    await expectKeptData(house, volumeId, backupId);
  });

  it('an empty one: ends in error, and deleting it leaves nothing', async () => {
    const { reached, interceptor } = heldUp('createRawVolume');
    await startCaringHouse({ interceptors: [interceptor] });
    const volumeId = await house.create({ sizeGib: 1 });
    await reached;

    await terminate(createWorkflowId(volumeId));

    expect(await house.settled(volumeId)).toMatchObject({ status: 'error' });
    expect(await messagesOf(house, volumeId)).toEqual([expect.stringMatching(/Delete it and create it again\.$/)]);
    await house.remove(volumeId);
    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    expect(house.files()).toEqual([]);
  });
});

it('a volume that becomes available just when it was taken for abandoned stays so, and keeps its data', async () => {
  let complete: () => void = () => undefined;
  const letComplete = new Promise<void>((resolve) => (complete = resolve));
  let completed: () => void = () => undefined;
  const isCompleted = new Promise<void>((resolve) => (completed = resolve));
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  // The run is gone, its last step isn't: it takes effect after the reconciler has looked, and before it acts.
  const late: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        if (info.activityType === 'completeVolume') {
          reach();
          await letComplete;
          return next(input).finally(completed);
        }
        const answer: unknown = await next(input);
        if (info.activityType === 'findAbandoned' && (answer as LookedAt).abandoned.length > 0) {
          complete();
          await isCompleted;
        }
        return answer;
      },
    },
  });
  await startCaringHouse({ interceptors: [late] });
  letGo = complete;
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  await reached;

  await terminate(createWorkflowId(volumeId));
  await isCompleted;

  await eventually(async () => {
    for await (const run of house.client.workflow.list({ query: `WorkflowType = 'reconcile'` })) {
      const isOver = run.status.name === 'COMPLETED' && run.startTime > (await house.volume(volumeId))!.createdAt;
      if (!isOver) continue;
      const { failed } = (await house.client.workflow.getHandle(run.workflowId, run.runId).result()) as Reconciled;
      if (failed.includes(volumeId)) return true;
    }
    return null;
  });
  expect(await house.volume(volumeId)).toMatchObject({
    status: 'available',
    host: `${house.config.host}@file#default`,
  });
  expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
});

it('a deletion whose workflow was terminated goes on, and the volume is gone', async () => {
  const { reached, interceptor } = heldUp('oweRemoval');
  await startCaringHouse({ interceptors: [interceptor] });
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  await house.remove(volumeId);
  await reached;

  await terminate(deleteWorkflowId(volumeId));

  await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
  expect(house.files()).toEqual([]);
  expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 0, gigabytes: 0 });
});

it('a volume whose workflow Temporal has lost goes on in a new run, and is available', async () => {
  const { reached, interceptor } = heldUp('createRawVolume');
  await startCaringHouse({ interceptors: [interceptor] });
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  await reached;

  await house.client.workflowService.deleteWorkflowExecution({
    namespace: house.config.temporal.namespace,
    workflowExecution: { workflowId: createWorkflowId(volumeId) },
  });

  const volume = await house.settled(volumeId);
  // Between its end and its loss, a terminated run may be seen.
  expect(['available', 'error']).toContain(volume.status);
  if (volume.status === 'error') await house.retry(volumeId);
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
});

it('several at once, of creates whose workflows were terminated, all end in error', async () => {
  const stall = stallingDriver();
  await startCaringHouse({
    aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
    config: {
      database: { backupLock: 'shared' },
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      worker: { reportEveryMs: 500, reconcileEveryMs: 1_000 },
    },
  });
  const backupId = await house.importChain(chain);
  const volumeIds = await Promise.all(Array.from({ length: 4 }, () => house.create({ backupId })));
  await stall.copying();

  await Promise.all(volumeIds.map((id) => terminate(createWorkflowId(id))));

  for (const id of volumeIds) expect(await house.settled(id)).toMatchObject({ status: 'error' });
  await expectBackupFree(house, backupId);
});

it('a volume whose restore was terminated ends in error_restoring, says so, and the restore can be asked for again', async () => {
  const { reached, interceptor } = heldUp('restoreBackup');
  await startCaringHouse({ interceptors: [interceptor] });
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  const requestId = await house.restore(volumeId, backupId);
  await reached;

  await terminate(restoreWorkflowId(volumeId));

  expect(await house.settled(volumeId)).toMatchObject({ status: 'error_restoring' });
  await expectBackupFree(house, backupId);
  const [message] = await house.catalog.listMessages(PROJECT, { requestId });
  expect(message?.text).toMatch(/The workflow that restored it was terminated\. Restore the backup once more/);
  await house.restore(volumeId, backupId);
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
});

it.each(['acceptExtension', 'extendRawVolume', 'completeExtension'] as const)(
  'a volume whose extension was terminated in %s ends as it was, or in error_extending, and says so',
  async (step) => {
    const { reached, interceptor } = heldUp(step);
    await startCaringHouse({ interceptors: [interceptor] });
    const volumeId = await house.create({ sizeGib: 1 });
    await house.settled(volumeId);
    const asked = house.extend(volumeId, 2).catch(() => 'never accepted');
    await reached;

    await terminate(extendWorkflowId(volumeId));

    const requestId = await asked;
    if (step === 'acceptExtension') {
      expect(await house.volume(volumeId)).toMatchObject({ status: 'available', sizeGib: 1 });
      return;
    }
    expect(await house.settled(volumeId)).toMatchObject({ status: 'error_extending', sizeGib: 1 });
    expect(await house.catalog.listMessages(PROJECT, { requestId })).toMatchObject([
      {
        eventId: 'VOLUME_VOLUME_007_001',
        text: expect.stringMatching(
          /^extend volume:The extension was abandoned\. .* was terminated\. Its size is 1 GiB/,
        ),
      },
    ]);
    expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ gigabytes: 1 });
    await house.catalog.resetVolume(volumeId, { status: 'available' });
    await house.extend(volumeId, 2);
    expect(await house.settled(volumeId)).toMatchObject({ status: 'available', sizeGib: 2 });
  },
);

it('a volume whose extension Temporal has lost goes on in a new run', async () => {
  const { reached, interceptor } = heldUp('extendRawVolume');
  await startCaringHouse({ interceptors: [interceptor] });
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  await house.extend(volumeId, 2);
  await reached;

  await house.client.workflowService.deleteWorkflowExecution({
    namespace: house.config.temporal.namespace,
    workflowExecution: { workflowId: extendWorkflowId(volumeId) },
  });

  // Between its end and its loss, a terminated run may be seen.
  const { status, sizeGib } = await house.settled(volumeId);
  expect([
    ['available', 2],
    ['error_extending', 1],
  ]).toContainEqual([status, sizeGib]);
});

it('a backup whose deletion was terminated is gone in the end', async () => {
  const { reached, interceptor } = heldUp('finishBackupDeletion');
  const copy = damageableCopy(chain);
  await startCaringHouse({ repository: copy.repoRoot, interceptors: [interceptor] });
  const backupId = await house.importChain(chain);
  await house.workflows.removeBackup({ backupId, projectId: PROJECT, requestId: 'req-delete', force: false });
  await reached;

  await terminate(deleteBackupWorkflowId(backupId));

  await eventually(async () => ((await house.backup(backupId)) === null ? true : null));
  copy.dispose();
});

it('one is found behind a hundred others whose workflow goes on', async () => {
  await startCaringHouse();
  const { client, database, catalog } = house;
  const id = await house.create({ sizeGib: 1 });
  await house.settled(id);
  const others = Array.from({ length: 120 }, () => randomUUID().replace(/^./, '0'));
  await Promise.all(
    others.map((other) =>
      client.workflow.start('createVolume', {
        workflowId: createWorkflowId(other),
        // Where nobody works: it goes on for as long as the test does.
        taskQueue: 'nobody',
        args: [],
      }),
    ),
  );
  await database.query(
    `insert into volumes select (jsonb_populate_record(volumes, jsonb_build_object('id', other, 'status', 'creating', 'host', null))).*
     from volumes, unnest($2::text[]) other where volumes.id = $1`,
    [id, others],
  );
  const last = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
  await database.query(
    `insert into volumes select (jsonb_populate_record(volumes, jsonb_build_object('id', $2::text, 'status', 'creating', 'host', null, 'proven_at', null))).*
     from volumes where id = $1`,
    [id, last],
  );

  expect(await house.settled(last)).toMatchObject({ status: 'error' });

  expect((await catalog.listUnsettled({ after: '', limit: 200 })).length).toBe(others.length);
  await Promise.all(others.map((other) => terminate(createWorkflowId(other))));
});

it('one that cannot be settled keeps nobody else waiting, and is settled when that is possible', async () => {
  let hopeless: string | null = null;
  const tried = gate();
  tried.open();
  const neverSettled: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const [asked] = input.args as [{ volumeId?: string }];
        if (info.activityType !== 'failVolume' || asked.volumeId !== hopeless) return next(input);
        await tried.pass();
        throw new Error('this row is locked for ever');
      },
    },
  });
  const stall = stallingDriver();
  await startCaringHouse({
    interceptors: [neverSettled],
    aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
  });
  const backupId = await house.importChain(chain);
  const id = await house.create({ backupId });
  hopeless = id;
  await stall.copying();
  await terminate(createWorkflowId(id));
  await tried.reached;

  const other = await house.create({ sizeGib: 1 });
  await house.settled(other);
  await house.database.query("update volumes set status = 'creating', proven_at = null where id = $1", [other]);

  expect(await house.settled(other)).toMatchObject({ status: 'error' });
  expect(await house.volume(id)).toMatchObject({ status: 'creating' });
  hopeless = null;
  expect(await house.settled(id)).toMatchObject({ status: 'error' });
});

it('the reconciler goes on although a run of its own was deleted in the middle', async () => {
  const { reached, interceptor } = heldUp('findAbandoned');
  await startCaringHouse({ interceptors: [interceptor] });
  await reached;
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  const running = await eventually(async () => {
    for await (const { workflowId } of house.client.workflow.list({
      query: "WorkflowType = 'reconcile' AND ExecutionStatus = 'Running'",
    }))
      return workflowId;
    return null;
  });

  await house.client.workflowService.deleteWorkflowExecution({
    namespace: house.config.temporal.namespace,
    workflowExecution: { workflowId: running },
  });

  await house.database.query("update volumes set status = 'creating', proven_at = null where id = $1", [volumeId]);
  expect(await house.settled(volumeId)).toMatchObject({ status: 'error' });
});

it('volumes whose workflow goes on are left alone', async () => {
  const stall = stallingDriver(1);
  await startCaringHouse({ aroundDriver: (driver) => stall.around(withoutNativeWay(driver)) });
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  await stall.copying();

  const looked = await eventually(async () => {
    for await (const run of house.client.workflow.list({ query: `WorkflowType = 'reconcile'` })) {
      if (run.status.name === 'COMPLETED' && run.startTime > (await house.volume(volumeId))!.createdAt) return run;
    }
    return null;
  });

  expect(await house.client.workflow.getHandle(looked.workflowId).result()).toEqual({
    failed: [],
    resumed: [],
    left: [],
  });
  expect(await house.volume(volumeId)).toMatchObject({ status: 'creating' });
  await house.client.workflow.getHandle(createWorkflowId(volumeId)).cancel();
  await house.closed(volumeId);
});
