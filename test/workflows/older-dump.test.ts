import path from 'node:path';
import { createWorkflowId, restoreWorkflowId } from '../../src/temporal';
import { expectBackupFree, messagesOf } from '../support/clean-slate';
import { withoutNativeWay } from '../support/drivers';
import { eventually } from '../support/eventually';
import { fixture } from '../support/fixtures';
import { gate } from '../support/gate';
import type { Gate } from '../support/gate';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { fillWithNoise, sha256OfVolume, volumeSha256 } from '../support/volume-content';

/*
 * The database comes back from a dump that is older than what lies on the pools. Whatever a volume was in it, it never becomes `available`
 * with other data than its backup's, and what its owner did since is not written over unless somebody says so.
 */

const chain = fixture('zlib-c4m-s32k-odd');
const MIB = 1024 ** 2;

let house: House;
/** Before the first write of a copy. */
let copy: Gate;
/** Of the target that was opened last. */
let target: { identity: string; bootId: string };

beforeAll(async () => {
  house = await startHouse({
    repository: chain.repoRoot,
    aroundDriver: (driver) => ({
      ...withoutNativeWay(driver),
      openTarget: async (volume, options) => {
        const opened = await driver.openTarget(volume, options);
        target = opened;
        await copy.pass();
        return opened;
      },
    }),
    config: {
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200 },
      worker: { reportEveryMs: 500, reconcileEveryMs: 1_000, lookForOrphansEveryMs: 1_000, orphanGraceHours: 0 },
    },
  });
});
beforeEach(() => {
  copy = gate();
});
afterEach(() => copy.open());
afterAll(async () => {
  await house.client.schedule.getHandle('rekindle-reconcile').delete();
  await house.stop();
});

const fileOf = (id: string) => path.join(house.poolPath(), `volume-${id}`);
const hashOf = (id: string) => sha256OfVolume(fileOf(id), 64 * MIB);

/** A dump in which a copy says that it is done with everything. */
async function dumpInTheMiddleOfACopy(volumeId: string): Promise<() => Promise<void>> {
  await copy.reached;
  const finished = [{ offsetBytes: 0, lengthBytes: chain.volumeBytes }];
  const { identity, bootId } = target;
  await house.database.query('update volumes set checkpoint = $2 where id = $1', [
    volumeId,
    JSON.stringify({ target: identity, bootId, zerosDone: true, finished }),
  ]);
  const restore = await house.database.snapshot();
  copy.open();
  return restore;
}

/** It becomes available, and its owner writes all over it. */
async function use(volumeId: string): Promise<string> {
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  await fillWithNoise(fileOf(volumeId));
  return hashOf(volumeId);
}

async function expectUntouched(volumeId: string, hash: string): Promise<void> {
  expect(await hashOf(volumeId)).toBe(hash);
  expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
  expect(await orphansOf(volumeId)).toEqual([]);
}

const orphansOf = async (id: string) => (await house.catalog.listOrphans()).filter(({ volumeId }) => volumeId === id);

async function expectMadeByRetry(volumeId: string): Promise<void> {
  await house.retry(volumeId);
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
}

const forgetRun = (workflowId: string) =>
  eventually(async () => {
    const { namespace } = house.config.temporal;
    const workflowExecution = { workflowId };
    await house.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }).catch(() => null);
    const known = await house.client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => null);
    return known === null ? true : null;
  });

it('a volume that was being made then, is made by now and in use: ends in error with its data as it is; a retry restores the backup', async () => {
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  const restoreDump = await dumpInTheMiddleOfACopy(volumeId);
  const hash = await use(volumeId);
  expect(await house.closed(volumeId)).toBe('COMPLETED');

  await restoreDump();

  expect(await house.settled(volumeId)).toMatchObject({ status: 'error' });
  expect((await messagesOf(house, volumeId)).join()).toMatch(
    /may have been used since\. Its data was left where it is/,
  );
  await expectBackupFree(house, backupId);
  await expectUntouched(volumeId, hash);
  await expectMadeByRetry(volumeId);
});

it('the same where Temporal has forgotten too: nobody resumes it, and nothing is written over', async () => {
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  const restoreDump = await dumpInTheMiddleOfACopy(volumeId);
  const hash = await use(volumeId);
  await house.closed(volumeId);
  await forgetRun(createWorkflowId(volumeId));

  await restoreDump();

  expect(await house.settled(volumeId)).toMatchObject({ status: 'error' });
  expect((await messagesOf(house, volumeId)).join()).toMatch(/The creation was not resumed\. .* completed already/);
  await expectBackupFree(house, backupId);
  await expectUntouched(volumeId, hash);
  await expectMadeByRetry(volumeId);
});

it('nor is anything lost where nobody has used it: it is found complete, and is available', async () => {
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ backupId });
  const restoreDump = await dumpInTheMiddleOfACopy(volumeId);
  await house.closed(volumeId);
  await forgetRun(createWorkflowId(volumeId));

  await restoreDump();

  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
  expect(await house.client.workflow.getHandle(createWorkflowId(volumeId)).result()).toMatchObject({ copiedBytes: 0 });
  await expectBackupFree(house, backupId);
});

it('a volume that was being restored to then, likewise', async () => {
  const backupId = await house.importChain(chain);
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  const requestId = await house.restore(volumeId, backupId);
  const restoreDump = await dumpInTheMiddleOfACopy(volumeId);
  const hash = await use(volumeId);
  await house.restoreClosed(volumeId);
  await forgetRun(restoreWorkflowId(volumeId));

  await restoreDump();

  expect(await house.settled(volumeId)).toMatchObject({ status: 'error_restoring' });
  const [message] = await house.catalog.listMessages(PROJECT, { requestId });
  expect(message?.text).toMatch(/The restore was not resumed\. .* was left as it is/);
  await expectBackupFree(house, backupId);
  await expectUntouched(volumeId, hash);
  await house.restore(volumeId, backupId);
  expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
  expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
});

it('a copy that began since and goes on: is stopped, and ends in error, and a retry makes it', async () => {
  const backupId = await house.importChain(chain);
  await house.stopWorkers('data');
  const volumeId = await house.create({ backupId });
  const restoreDump = await house.database.snapshot();
  await house.startWorkers('data');
  await copy.reached;

  await restoreDump();

  expect(await house.settled(volumeId)).toMatchObject({ status: 'error' });
  copy.open();
  await expectBackupFree(house, backupId);
  await expectMadeByRetry(volumeId);
});

it('a volume of which the dump knows nothing: its data stays, and is told of', async () => {
  const backupId = await house.importChain(chain);
  const restoreDump = await house.database.snapshot();
  const volumeId = await house.create({ backupId });
  copy.open();
  const hash = await use(volumeId);

  await restoreDump();

  await eventually(async () => ((await orphansOf(volumeId)).length > 0 ? true : null));
  expect(await orphansOf(volumeId)).toMatchObject([{ reason: 'unknown', removeAt: null }]);
  expect(await hashOf(volumeId)).toBe(hash);
});

it('a volume that was deleted since: that its data is missing is told of, and it can be deleted again', async () => {
  const volumeId = await house.create({ sizeGib: 1 });
  await house.settled(volumeId);
  await house.database.query("update volumes set proven_at = proven_at - interval '1 hour'");
  const restoreDump = await house.database.snapshot();
  await house.remove(volumeId);
  await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));

  await restoreDump();

  await eventually(async () => ((await orphansOf(volumeId)).length > 0 ? true : null));
  expect(await orphansOf(volumeId)).toMatchObject([{ reason: 'missing' }]);
  await house.remove(volumeId);
  await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
});
