import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWorkflowId } from '../../src/temporal';
import { expectBackupFree, expectCleanSlate, expectKeptData, messagesOf } from '../support/clean-slate';
import { fullAfterFirstWrite, refusingDriver, stallingDriver, withoutNativeWay } from '../support/drivers';
import { fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { volumeSha256 } from '../support/volume-content';

const chain = fixture('zlib-c4m-s32k-odd');

describe('pools', () => {
  it('takes the next pool when the best one refuses, as the scheduler of Cinder does (S-25)', async () => {
    const house = await startHouse({
      repository: chain.repoRoot,
      pools: ['first', 'second'],
      aroundDriver: (driver) => refusingDriver(driver, ({ poolName }) => poolName.endsWith('#first')),
    });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      const volume = await house.settled(volumeId);
      expect(volume).toMatchObject({ status: 'available', host: `${house.config.host}@file#second` });
      expect(await volumeSha256(house, volumeId, chain, 'second')).toBe(chain.contentSha256('inc3'));
    } finally {
      await house.stop();
    }
  });

  it('ends in error when every pool refuses, saying why each did (S-22)', async () => {
    const house = await startHouse({
      repository: chain.repoRoot,
      pools: ['first', 'second'],
      aroundDriver: (driver) => refusingDriver(driver, () => true),
    });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      await expectCleanSlate(house, volumeId, backupId);
      const [message] = await messagesOf(house, volumeId);
      expect(message).toContain('schedule allocate volume:Could not find any available weighted backend.');
      expect(message).toContain('#first: the pool is full');
      expect(message).toContain('#second: the pool is full');
    } finally {
      await house.stop();
    }
  });

  it('ends in error when no pool is large enough, and reserves nothing (S-52)', async () => {
    const house = await startHouse({
      config: { backends: [] },
      repository: chain.repoRoot,
    });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      await expectCleanSlate(house, volumeId, backupId);
    } finally {
      await house.stop();
    }
  });

  it('ends in error when a pool runs full in the middle of a copy: what has been moved is not moved again (W-25)', async () => {
    const house = await startHouse({
      repository: chain.repoRoot,
      pools: ['first', 'second'],
      aroundDriver: fullAfterFirstWrite,
    });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      await expectCleanSlate(house, volumeId, backupId);
      expect(await messagesOf(house, volumeId)).toEqual([
        expect.stringMatching(/create volume from backend storage:Driver failed to create the volume\. .* is full/),
      ]);
    } finally {
      await house.stop();
    }
  });

  it('waits for the report of a pool that has fallen silent, as all have when the database was away', async () => {
    const house = await startHouse();
    try {
      await house.stopWorkers('data');
      await house.database.query(`update pools set reported_at = reported_at - interval '1 day'`);
      const volumeId = await house.create({ sizeGib: 1 });
      const handle = house.client.workflow.getHandle(createWorkflowId(volumeId));
      const why = await eventually(
        async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure?.message ?? null,
      );
      expect(why).toMatch(
        /^Waiting for a report\. No valid backend was found\. .*: it is down, its last report is 86\d{3} s old\.$/,
      );

      await house.startWorkers('data');

      expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
    } finally {
      await house.stop();
    }
  });

  it('still owes a removal that could not be confirmed when the pool was about to carry it out', async () => {
    // As though the clock of the database had been set, and set right again.
    const setClock = (by: string) =>
      house.database.query(`update owed_removals set due_at = due_at - interval '${by}'`);
    let asked = 0;
    const house: House = await startHouse({
      interceptors: [
        ({ info }) => ({
          inbound: {
            execute: async (input, next) => {
              // As of data that was kept until now.
              const due = 'update owed_removals set due_at = clock_timestamp()';
              if (info.activityType === 'removeVolume') await house.database.query(due);
              return next(input);
            },
          },
        }),
      ],
      aroundDriver: (driver) => ({
        ...driver,
        deleteVolume: async (volume, options) => {
          asked += 1;
          if (asked > 1) return driver.deleteVolume(volume, options);
          await setClock('-2 hours');
          await driver.deleteVolume(volume, options).finally(() => setClock('2 hours'));
        },
      }),
    });
    try {
      const volumeId = await house.create({ sizeGib: 1 });
      await house.settled(volumeId);
      await house.remove(volumeId);
      await house.client.workflow.getHandle(`delete-volume-${volumeId}`).result();
      await eventually(async () => (house.volumes().length === 0 ? true : null));
      await eventually(async () => ((await house.catalog.dataLeftOf(volumeId)).length === 0 ? true : null));
    } finally {
      await house.stop();
    }
  });

  it('lets no more copies run at once on a pool than it is configured for', async () => {
    const stall = stallingDriver();
    const opened: string[] = [];
    const house = await startHouse({
      repository: chain.repoRoot,
      config: { database: { backupLock: 'shared' } },
      maxCopies: 1,
      aroundDriver: (driver) =>
        stall.around({
          ...withoutNativeWay(driver),
          openTarget: (volume, options) => {
            opened.push(volume.id);
            return driver.openTarget(volume, options);
          },
        }),
    });
    try {
      const backupId = await house.importChain(chain);
      const first = await house.create({ backupId });
      await stall.copying();

      const second = await house.create({ backupId });
      // Short calls pass the waiting copies; by the time they are through, an unlimited second copy would have begun.
      const empty = await house.create({ sizeGib: 1 });
      expect(await house.settled(empty)).toMatchObject({ status: 'available' });
      expect(opened).toEqual([first]);

      await house.client.workflow.getHandle(createWorkflowId(first)).cancel();
      await eventually(async () => (opened.includes(second) ? true : null));
      await house.client.workflow.getHandle(createWorkflowId(second)).cancel();
      expect(await house.closed(second)).toBe('CANCELLED');
      await expectBackupFree(house, backupId);
    } finally {
      await house.stop();
    }
  });

  it('reserves what a volume takes, and gives it back with the deletion', async () => {
    const house = await startHouse();
    try {
      const volumeId = await house.create({ sizeGib: 3 });
      await house.settled(volumeId);
      const [reserved] = await house.catalog.listPools();
      expect(reserved).toMatchObject({ provisionedCapacityGib: 3 });

      await house.remove(volumeId);
      await house.client.workflow.getHandle(`delete-volume-${volumeId}`).result();

      const [free] = await house.catalog.listPools();
      expect(free).toMatchObject({ provisionedCapacityGib: 0 });
    } finally {
      await house.stop();
    }
  });

  it('gives up when no byte moves for giveUpAfter, whoever holds it up', async () => {
    const stall = stallingDriver();
    const house = await startHouse({
      repository: chain.repoRoot,
      aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
      config: { restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200, giveUpAfterMs: 2_000 } },
    });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      await expectKeptData(house, volumeId, backupId);
      expect(await messagesOf(house, volumeId)).toEqual([
        expect.stringMatching(/No byte has moved for .* retry it \(action rekindle-retry\)/),
      ]);
    } finally {
      await house.stop();
    }
  });

  it('says what went wrong last when it gives up on a repository that is gone', async () => {
    const repository = mkdtempSync(path.join(tmpdir(), 'rekindle-gone-'));
    const house = await startHouse({
      repository,
      config: { restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200, giveUpAfterMs: 2_500 } },
    });
    try {
      const backupId = await house.importChain(chain);
      rmSync(repository, { recursive: true });

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      expect(await messagesOf(house, volumeId)).toEqual([
        expect.stringMatching(/No byte has moved for 3 seconds .* The last error: .*repository.* retry it/),
      ]);
    } finally {
      await house.stop();
    }
  });

  it('frees volume and backup without waiting for a pool whose host is gone, and removes the data when it is back', async () => {
    const stall = stallingDriver();
    const house = await startHouse({
      repository: chain.repoRoot,
      aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
    });
    try {
      const backupId = await house.importChain(chain);
      const volumeId = await house.create({ backupId });
      await stall.copying();
      expect(house.volumes()).toEqual([`volume-${volumeId}`]);

      await house.stopWorkers('data');
      await house.client.workflow.getHandle(`create-volume-${volumeId}`).cancel();

      expect(await house.settled(volumeId)).toMatchObject({ status: 'error', host: null });
      await expectBackupFree(house, backupId);
      expect(await house.closed(volumeId)).toBe('CANCELLED');
      expect(house.volumes()).toEqual([`volume-${volumeId}`]);

      await house.startWorkers('data');

      await expectCleanSlate(house, volumeId, backupId);
    } finally {
      await house.stop();
    }
  });
});
