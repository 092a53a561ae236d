import { renameSync } from 'node:fs';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { retryRequestOf } from '../../src/domain/retry';
import { CONTROL_QUEUE, createWorkflowId } from '../../src/temporal';
import { expectBackupFree, expectCleanSlate, expectKeptData, messagesOf } from '../support/clean-slate';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import { eventually } from '../support/eventually';
import { fixture } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House, HouseOptions } from '../support/house';
import { everyAnswerLostOnce, everyStepFailsOnce, everyStepTwice } from '../support/step-faults';
import { volumeSha256 } from '../support/volume-content';

const chain = fixture('zlib-c4m-s32k-odd');

let house: House;
afterEach(() => house.stop());

interface Failing extends HouseOptions {
  /** How many copies hang before the disk is well. */
  readonly stalls?: number;
  readonly restore?: Record<string, unknown>;
  readonly worker?: Record<string, unknown>;
}

/** A volume whose copy hung in the middle until it was given up. */
async function failedCopy(
  options: Failing = {},
): Promise<{ volumeId: string; backupId: string; copying: () => Promise<void> }> {
  const { stalls = 1, restore, worker, ...others } = options;
  const stall = stallingDriver(stalls);
  house = await startHouse({
    repository: chain.repoRoot,
    aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
    config: {
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200, giveUpAfterMs: 3_000, ...restore },
      worker: { reportEveryMs: 500, reconcileEveryMs: null, ...worker },
    },
    ...others,
  });
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  expect(await house.closed(volumeId)).toBe('FAILED');
  return { volumeId, backupId, copying: stall.copying };
}

async function expectAvailable(volumeId: string, backupId: string, pool?: string): Promise<void> {
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain, pool)).toBe(chain.contentSha256('inc3'));
  await expectBackupFree(house, backupId);
  expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
  expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1, gigabytes: 1 });
}

async function resultOf(volumeId: string): Promise<{ dataBytes: number; copiedBytes: number }> {
  return (await house.client.workflow.getHandle(createWorkflowId(volumeId)).result()) as never;
}

describe('retrying a create that failed in the middle of its copy', () => {
  it('goes on with what was kept, and copies only the blocks that are not there', async () => {
    const { volumeId, backupId } = await failedCopy();
    await expectKeptData(house, volumeId, backupId);
    const { epoch } = (await house.volume(volumeId))!;

    await house.retry(volumeId);

    expect(await house.backup(backupId)).toMatchObject({ status: 'restoring' });
    await expectAvailable(volumeId, backupId);
    const { dataBytes, copiedBytes } = await resultOf(volumeId);
    expect(copiedBytes).toBeGreaterThan(0);
    expect(copiedBytes).toBeLessThan(dataBytes);
    expect((await house.volume(volumeId))?.epoch).toBeGreaterThan(epoch);
    expect(await messagesOf(house, volumeId)).toHaveLength(1);
    expect(house.volumes()).toEqual([`volume-${volumeId}`]);
  });

  it('is the same as a plain new run of the workflow with the same input', async () => {
    const { volumeId, backupId } = await failedCopy();
    const request = retryRequestOf((await house.volume(volumeId))!, backupId);

    await house.client.workflow.start('createVolumeFromBackup', {
      workflowId: createWorkflowId(volumeId),
      taskQueue: CONTROL_QUEUE,
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });

    expect((await resultOf(volumeId)).copiedBytes).toBeLessThan((await resultOf(volumeId)).dataBytes);
    await expectAvailable(volumeId, backupId);
  });

  it('may fail once more, and be retried once more', async () => {
    const { volumeId, backupId } = await failedCopy({ stalls: 2 });
    await house.retry(volumeId);
    expect(await house.closed(volumeId)).toBe('FAILED');
    await expectKeptData(house, volumeId, backupId);
    expect(await messagesOf(house, volumeId)).toHaveLength(2);

    await house.retry(volumeId);

    await expectAvailable(volumeId, backupId);
  });

  it('lets one of two win who ask at once', async () => {
    const { volumeId, backupId } = await failedCopy();

    const asked = await Promise.allSettled([house.retry(volumeId), house.retry(volumeId)]);

    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(asked.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'Conflict' } });
    await expectAvailable(volumeId, backupId);
  });

  it('takes another pool when the one with the data is gone, whose data is removed when it is back', async () => {
    const { volumeId, backupId } = await failedCopy({ pools: ['first', 'second'], worker: { reportMaxAgeMs: 5_000 } });
    const { poolName } = (await house.catalog.dataLeftOf(volumeId))[0]!;
    const [gone, other] = poolName.endsWith('#first') ? ['first', 'second'] : ['second', 'first'];
    renameSync(house.poolPath(gone), `${house.poolPath(gone)}.gone`);
    await eventually(async () => {
      const pool = (await house.catalog.listPools()).find(({ name }) => name === poolName)!;
      return (await house.catalog.now()).getTime() - pool.reportedAt.getTime() > 5_000 || null;
    });

    await house.retry(volumeId);

    expect(await house.settled(volumeId)).toMatchObject({
      status: 'available',
      host: expect.stringContaining(`#${other}`),
    });
    expect(await house.catalog.owedRemovals(`${house.config.host}@file`)).toMatchObject([{ volumeId, poolName }]);
    renameSync(`${house.poolPath(gone)}.gone`, house.poolPath(gone));
    await eventually(async () => (await house.catalog.dataLeftOf(volumeId)).length === 0 || null);
    await expectAvailable(volumeId, backupId, other);
    expect(house.volumes()).toEqual([`volume-${volumeId}`]);
  });

  it('cancelled, ends in error, with nothing left', async () => {
    const { volumeId, backupId } = await failedCopy({ stalls: Infinity, restore: { giveUpAfterMs: 4_000 } });
    await house.retry(volumeId);
    await house.client.workflow.getHandle(createWorkflowId(volumeId)).cancel();

    expect(await house.closed(volumeId)).toBe('CANCELLED');
    await expectCleanSlate(house, volumeId, backupId);
  });

  it('deleted meanwhile, is stopped, and nothing is left', async () => {
    const { volumeId, backupId } = await failedCopy({ stalls: Infinity, restore: { giveUpAfterMs: 4_000 } });
    await house.retry(volumeId);

    await house.remove(volumeId);

    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    await expectBackupFree(house, backupId);
    expect(house.files()).toEqual([]);
    expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
  });

  it('is refused while the volume is deleted', async () => {
    const { volumeId } = await failedCopy();
    const request = retryRequestOf((await house.volume(volumeId))!, (await house.volume(volumeId))!.backupId!);
    await house.catalog.beginDeletion(volumeId, 'some-run');

    await expect(house.workflows.retry(request)).rejects.toMatchObject({ code: 'InvalidVolume' });
    expect(await house.volume(volumeId)).toMatchObject({ status: 'deleting' });
  });

  it('is refused while another volume reads the backup, and changes nothing', async () => {
    const { volumeId, backupId } = await failedCopy();
    await house.database.query(`update backups set status = 'restoring' where id = $1`, [backupId]);

    await expect(house.retry(volumeId)).rejects.toMatchObject({ code: 'InvalidBackup' });
    await house.database.query(`update backups set status = 'available' where id = $1`, [backupId]);
    await expectKeptData(house, volumeId, backupId);
    expect(await messagesOf(house, volumeId)).toHaveLength(1);
  });
});

describe('what a failed create left', () => {
  it('goes with its volume', async () => {
    const { volumeId } = await failedCopy();
    await house.remove(volumeId);
    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    expect(house.files()).toEqual([]);
    expect(await house.catalog.listPools()).toMatchObject([{ provisionedCapacityGib: 0 }]);
  });

  it.each([0, 0.001])('goes when restore.retryGraceHours, %d, are over', async (retryGraceHours) => {
    const { volumeId, backupId } = await failedCopy({ restore: { retryGraceHours } });
    await eventually(async () => (await house.catalog.dataLeftOf(volumeId)).length === 0 || null);
    await expectCleanSlate(house, volumeId, backupId);
    await house.retry(volumeId);
    await expectAvailable(volumeId, backupId);
  });
});

describe('retrying', () => {
  it('a create whose run was terminated when all was copied, completes it without copying a byte', async () => {
    const refused = { complete: true };
    const notCompleted: ActivityInterceptorsFactory = ({ info }) => ({
      inbound: {
        execute: async (input, next) => {
          if (refused.complete && info.activityType === 'completeVolume')
            throw new Error('the catalog does not answer');
          return next(input);
        },
      },
    });
    house = await startHouse({
      repository: chain.repoRoot,
      aroundDriver: withoutNativeWay,
      interceptors: [notCompleted],
    });
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    const handle = house.client.workflow.getHandle(createWorkflowId(volumeId));
    await eventually(async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ activityId }) => activityId === 'complete-volume') || null;
    });
    await handle.terminate();
    refused.complete = false;

    await house.retry(volumeId);

    expect(await resultOf(volumeId)).toMatchObject({ copiedBytes: 0 });
    await expectAvailable(volumeId, backupId);
  });

  it.each([
    ['every step is run twice', () => everyStepTwice],
    ['every step fails once', everyStepFailsOnce],
    ['the answer of every step is lost once', everyAnswerLostOnce],
  ])('works when %s', async (_fault, interceptor) => {
    // Twice a step means two copies that hang.
    const { volumeId, backupId } = await failedCopy({ stalls: 2, interceptors: [interceptor()] });
    await house.retry(volumeId).catch(() => undefined);
    if ((await house.closed(volumeId)) !== 'COMPLETED') await house.retry(volumeId);
    await house.closed(volumeId);
    await expectAvailable(volumeId, backupId);
  });
});
