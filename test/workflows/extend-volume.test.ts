import { statSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from '../../src/domain/errors';
import { GIB } from '../../src/domain/volume';
import { extendWorkflowId } from '../../src/temporal';
import { heldExtension, withoutNativeWay } from '../support/drivers';
import type { HeldExtension } from '../support/drivers';
import { eventually } from '../support/eventually';
import { fixture } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { volumeSha256 } from '../support/volume-content';

const chain = fixture('zlib-c4m-s32k-odd');

let house: House;
/** What the pool says to an extension; null: the file driver's own answer. */
let refusal: Refusal | null = null;
let held: HeldExtension | null = null;

beforeAll(async () => {
  house = await startHouse({
    repository: chain.repoRoot,
    aroundDriver: (driver) => ({
      ...withoutNativeWay(driver),
      extendVolume: async (volume, newSizeGib, options) => {
        if (refusal) throw refusal;
        await (held?.around(driver) ?? driver).extendVolume(volume, newSizeGib, options);
      },
    }),
    config: { restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200, giveUpAfterMs: 4_000 } },
  });
});
afterEach(async () => {
  await held?.letGo();
  [refusal, held] = [null, null];
});
afterAll(() => house.stop());

async function availableVolume(sizeGib = 1): Promise<string> {
  const id = await house.create({ sizeGib });
  expect(await house.settled(id)).toMatchObject({ status: 'available' });
  return id;
}
const fileGib = (id: string): number => statSync(path.join(house.poolPath(), `volume-${id}`)).size / GIB;
const messages = async (requestId: string) =>
  (await house.catalog.listMessages(PROJECT, { requestId })).map(({ eventId, text }) => [eventId, text]);
const run = (id: string) => house.client.workflow.getHandle(extendWorkflowId(id));
/** GiB that quota and pool hold beyond what they held at first. */
async function takenSince(): Promise<() => Promise<number[]>> {
  const taken = async () => [
    (await house.catalog.quotaUsage(PROJECT)).gigabytes,
    (await house.catalog.listPools())[0]!.provisionedCapacityGib,
  ];
  const before = await taken();
  return async () => (await taken()).map((gib, index) => gib - before[index]!);
}

/** An extension that the driver is at, and doesn't end. */
async function heldUp(): Promise<{ id: string; requestId: string; held: HeldExtension }> {
  const id = await availableVolume();
  const holding = heldExtension();
  held = holding;
  const requestId = await house.extend(id, 2);
  await holding.reached;
  return { id, requestId, held: holding };
}

describe('an extension', () => {
  it('makes the volume larger where it lies, and leaves what it holds (H-62)', async () => {
    const backupId = await house.importChain(chain);
    const id = await house.create({ backupId });
    await house.settled(id);
    const taken = await takenSince();

    await house.extend(id, 3);

    expect(await house.extensionClosed(id)).toBe('COMPLETED');
    expect(await house.volume(id)).toMatchObject({ status: 'available', sizeGib: 3 });
    expect(fileGib(id)).toBe(3);
    expect(await volumeSha256(house, id, chain)).toBe(chain.contentSha256('inc3'));
    expect(await taken()).toEqual([2, 2]);

    await house.restore(id, backupId);
    expect(await house.restoreClosed(id)).toBe('COMPLETED');
    await house.extend(id, 4);
    expect(await house.settled(id)).toMatchObject({ status: 'available', sizeGib: 4 });
  });

  it('that is refused changes nothing (H-62)', async () => {
    const id = await availableVolume(2);
    await expect(house.extend(id, 2)).rejects.toThrow('New size for extend must be greater than current size.');
    expect(await house.volume(id)).toMatchObject({ status: 'available', sizeGib: 2, extension: null });
  });

  it('that the pool refuses ends in error_extending, says why, gives quota and room back, and can be deleted (H-57, H-87)', async () => {
    const id = await availableVolume();
    const taken = await takenSince();
    refusal = new Refusal('PoolRefused', 'Pool p is full.');

    const requestId = await house.extend(id, 2);

    expect(await house.extensionClosed(id)).toBe('FAILED');
    expect(await house.volume(id)).toMatchObject({ status: 'error_extending', sizeGib: 1 });
    expect(await messages(requestId)).toEqual([
      [
        'VOLUME_VOLUME_007_010',
        expect.stringMatching(/^extend volume:Volume Driver failed .* Pool p is full\. Its size is 1 GiB/),
      ],
    ]);
    expect(fileGib(id)).toBe(1);
    expect(await taken()).toEqual([0, 0]);
    await expect(house.extend(id, 2)).rejects.toThrow(
      "status must be '{'status': 'available'}' to extend, currently error_ext",
    );
    await house.remove(id);
    await eventually(async () => ((await house.volume(id)) === null ? true : null));
    expect(house.volumes()).not.toContain(`volume-${id}`);
  });

  it('has the volume for itself: nobody extends, deletes, resets or restores to it meanwhile (H-57, H-73)', async () => {
    const { id, held: holding } = await heldUp();
    expect(await house.volume(id)).toMatchObject({ status: 'extending', sizeGib: 1 });
    await expect(house.extend(id, 3)).rejects.toMatchObject({ code: 'Conflict' });
    await expect(house.remove(id)).rejects.toMatchObject({ code: 'InvalidVolume' });
    await expect(house.catalog.resetVolume(id, { status: 'available' })).rejects.toThrow('is being extended');
    const backupId = await house.importChain(chain);
    await expect(house.restore(id, backupId)).rejects.toThrow('Volume to be restored to must be available');
    await holding.letGo();
    expect(await house.settled(id)).toMatchObject({ status: 'available', sizeGib: 2 });
  });

  it('that is cancelled while the driver is at it ends as the driver says', async () => {
    const { id, held: holding } = await heldUp();
    await run(id).cancel();
    await holding.letGo();
    expect(await house.extensionClosed(id)).toBe('COMPLETED');
    expect(await house.volume(id)).toMatchObject({ status: 'available', sizeGib: 2 });
  });

  it('that hangs ends in error_extending; reset by an administrator, the volume is extended after all', async () => {
    const { id, requestId, held: holding } = await heldUp();
    expect(await house.extensionClosed(id)).toBe('FAILED');
    expect(await house.volume(id)).toMatchObject({ status: 'error_extending', sizeGib: 1 });
    expect(await messages(requestId)).toHaveLength(1);
    await house.catalog.resetVolume(id, { status: 'available' });
    held = null;

    await house.extend(id, 2);

    expect(await house.settled(id)).toMatchObject({ status: 'available', sizeGib: 2 });
    // What the first one left behind comes too late.
    await holding.letGo();
    expect(fileGib(id)).toBe(2);
  });

  it('is ended by a forced deletion, which leaves nothing (H-61)', async () => {
    const { id, held: holding } = await heldUp();
    await house.workflows.remove({ volumeId: id, projectId: PROJECT, requestId: 'req-force', force: true });
    expect(await house.volume(id)).toMatchObject({ status: 'deleting' });
    await holding.letGo();
    await eventually(async () => ((await house.volume(id)) === null ? true : null));
    expect(house.files().filter((name) => name.includes(id))).toEqual([]);
  });

  it('whose run was terminated is taken over by the next one', async () => {
    const { id, held: holding } = await heldUp();
    await run(id).terminate();
    expect(await house.volume(id)).toMatchObject({ status: 'extending' });
    held = null;

    await house.extend(id, 3);

    expect(await house.settled(id)).toMatchObject({ status: 'available', sizeGib: 3 });
    await holding.letGo();
    expect(fileGib(id)).toBe(3);
  });
});
