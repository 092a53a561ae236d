import { randomUUID } from 'node:crypto';
import { createWorkflowId } from '../../src/temporal';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import { expectCleanSlate } from '../support/clean-slate';
import { fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { volumeSha256 } from '../support/volume-content';

const chain = fixture('zlib-c4m-s32k-odd');

/** temporal/api/enums/v1/workflow.proto: paused, with no attempt running any more (5 is only "pause requested"). */
const PAUSED = 4;

describe("an operator in Temporal's UI", () => {
  let house: House;
  let copying: () => Promise<void>;

  beforeEach(async () => {
    const stall = stallingDriver(1);
    copying = stall.copying;
    house = await startHouse({
      repository: chain.repoRoot,
      aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
    });
  });
  afterEach(() => house.stop());

  it('pauses a copy, which leaves the disk alone, and lets it go on', async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await copying();
    const activity = {
      namespace: house.config.temporal.namespace,
      execution: { workflowId: createWorkflowId(volumeId) },
    };

    await house.client.workflowService.pauseActivity({ ...activity, id: 'restore-backup' });

    const paused = await eventually(async () => {
      const copy = await pendingCopy(volumeId);
      return copy && Number(copy.state) === PAUSED ? copy : null;
    });
    expect(paused.activityType?.name).toBe('restoreBackup');
    expect(await house.volume(volumeId)).toMatchObject({ status: 'creating' });

    await house.client.workflowService.unpauseActivity({ ...activity, id: 'restore-backup' });

    expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
    expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
  });

  it('resets a copy to its start: the volume is the same, and a failure afterwards still leaves nothing behind', async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await copying();
    const handle = house.client.workflow.getHandle(createWorkflowId(volumeId));
    const { events } = await handle.fetchHistory();
    const scheduled = events!.findIndex(
      (event) => event.activityTaskScheduledEventAttributes?.activityId === 'create-from-backup',
    );
    const decided = events!.slice(0, scheduled).findLast((event) => event.workflowTaskCompletedEventAttributes);

    const { runId } = await house.client.workflowService.resetWorkflowExecution({
      namespace: house.config.temporal.namespace,
      workflowExecution: { workflowId: createWorkflowId(volumeId) },
      workflowTaskFinishEventId: decided!.eventId,
      requestId: randomUUID(),
      reason: 'a test',
    });
    await house.client.workflow.getHandle(createWorkflowId(volumeId), runId).cancel();

    expect(await house.closed(volumeId)).toBe('CANCELLED');
    await expectCleanSlate(house, volumeId, backupId);
  });

  it('sees how far a copy is, in a heartbeat', async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await copying();

    const progress: unknown = await eventually<unknown>(async () => {
      const [payload] = (await pendingCopy(volumeId))?.heartbeatDetails?.payloads ?? [];
      return payload?.data ? (JSON.parse(Buffer.from(payload.data).toString()) as unknown) : null;
    });

    expect(progress).toEqual({
      phase: expect.stringMatching(/plan|copy/),
      doneBytes: expect.any(Number),
      totalBytes: expect.any(Number),
      bytesPerSecond: expect.any(Number),
      stalledMs: expect.any(Number),
      attempt: 1,
      epoch: expect.any(Number),
    });
    await house.client.workflow.getHandle(createWorkflowId(volumeId)).cancel();
    await house.closed(volumeId);
  });

  it('finds the request by its attributes and reads in words what it does, in a short history', async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId, name: 'mail', sizeGib: 3 });
    await copying();
    const handle = house.client.workflow.getHandle(createWorkflowId(volumeId));

    const description = await eventually(async () => {
      const seen = await handle.describe();
      return stateOf(seen) === 'copying' ? seen : null;
    });

    expect(await description.staticSummary()).toMatch(/mail.*3 GiB.*from backup/);
    expect(Object.fromEntries(attributesOf(description))).toMatchObject({
      VolumeId: volumeId,
      BackupId: backupId,
      SizeGiB: 3,
      Backend: `${house.config.host}@file#default`,
      RestoreMode: 'copy',
    });
    await handle.cancel();
    await house.closed(volumeId);
    const { events } = await handle.fetchHistory();
    expect(events!.length).toBeLessThan(150);
  });

  type Description = Awaited<ReturnType<ReturnType<House['client']['workflow']['getHandle']>['describe']>>;

  function attributesOf(description: Description): [string, unknown][] {
    return description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
  }

  function stateOf(description: Description): unknown {
    return Object.fromEntries(attributesOf(description))['RestoreState'];
  }

  async function pendingCopy(volumeId: string) {
    const { raw } = await house.client.workflow.getHandle(createWorkflowId(volumeId)).describe();
    return raw.pendingActivities?.find(({ activityId }) => activityId === 'restore-backup');
  }
});
