import { expectBackupFree, expectCleanSlate, messagesOf } from '../support/clean-slate';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import { fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { createWorkflowId } from '../../src/temporal';

const chain = fixture('zlib-c4m-s32k-odd');

describe('stopping a create that is under way', () => {
  let house: House;
  let copying: () => Promise<void>;

  beforeEach(async () => {
    const stall = stallingDriver();
    copying = stall.copying;
    house = await startHouse({
      repository: chain.repoRoot,
      aroundDriver: (driver) => stall.around(withoutNativeWay(driver)),
    });
  });
  afterEach(() => house.stop());

  it("cancelled in Temporal's UI, the volume ends in error and nothing is left (S-45)", async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await copying();
    expect(await house.backup(backupId)).toMatchObject({ status: 'restoring' });

    await house.client.workflow.getHandle(createWorkflowId(volumeId)).cancel();

    expect(await house.closed(volumeId)).toBe('CANCELLED');
    await expectCleanSlate(house, volumeId, backupId);
    expect(await messagesOf(house, volumeId)).toEqual([expect.stringContaining('The creation was cancelled.')]);
  });

  it('deleted by its user, the volume is gone, with its data and its quota (W-22)', async () => {
    const backupId = await house.importChain(chain);
    const volumeId = await house.create({ backupId });
    await copying();

    await house.remove(volumeId);

    expect(await house.volume(volumeId)).toMatchObject({ status: 'deleting' });
    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    await expectBackupFree(house, backupId);
    expect(house.files()).toEqual([]);
    expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 0, gigabytes: 0 });
  });

  it('cancelled before the copy was given to anybody, it ends the same', async () => {
    const backupId = await house.importChain(chain);
    const first = await house.create({ backupId });
    await house.client.workflow.getHandle(createWorkflowId(first)).cancel();

    expect(await house.closed(first)).toBe('CANCELLED');
    await expectCleanSlate(house, first, backupId);
  });
});
