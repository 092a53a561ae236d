import { createHash } from 'node:crypto';
import { createReadStream, truncateSync } from 'node:fs';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import type { Volume } from '../../src/domain/volume';
import { restoreWorkflowId } from '../../src/temporal';
import { expectBackupFree } from '../support/clean-slate';
import { stallingDriver, withoutNativeWay } from '../support/drivers';
import type { Stall } from '../support/drivers';
import { eventually } from '../support/eventually';
import { damageableCopy, fixture } from '../support/fixtures';
import type { DamageableCopy } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { fillWithNoise, volumeSha256 } from '../support/volume-content';

const chain = fixture('zlib-c4m-s32k-odd');
const MIB = 1024 ** 2;
const leaf = chain.links('inc3')[0]!;

let house: House;
let repository: DamageableCopy;
/** Copies hang while this says so. */
let stall: Stall | null = null;

beforeAll(async () => {
  repository = damageableCopy(chain);
  house = await startHouse({
    repository: repository.repoRoot,
    maxCopies: 4,
    aroundDriver: (driver) => ({
      ...withoutNativeWay(driver),
      openTarget: (volume, options) => (stall?.around(driver) ?? driver).openTarget(volume, options),
    }),
    config: {
      restore: { heartbeatTimeoutMs: 3_000, heartbeatThrottleMs: 200, giveUpAfterMs: 4_000 },
      database: { backupLock: 'exclusive' },
    },
  });
  await house.importChain(chain);
});
afterEach(() => {
  stall = null;
});
afterAll(async () => {
  await house.stop();
  repository.dispose();
});

const fileOf = (id: string): string => path.join(house.poolPath(), `volume-${id}`);

/** A volume of 1 GiB that somebody has used. */
async function usedVolume(asked: Parameters<House['create']>[0] = {}): Promise<string> {
  const id = await house.create({ sizeGib: 1, ...asked });
  await house.settled(id);
  await fillWithNoise(fileOf(id));
  return id;
}

/** SHA-256 of what lies behind the backup's end: where there is something, and around it. */
async function restOf(id: string): Promise<string> {
  const hash = createHash('sha256');
  for (const start of [chain.volumeBytes, GIB / 2 - MIB, GIB - 2 * MIB]) {
    const part = createReadStream(fileOf(id), { start, end: Math.min(start + 10 * MIB, GIB) - 1 });
    for await (const piece of part) hash.update(piece as Buffer);
  }
  return hash.digest('hex');
}

async function expectRestored(id: string): Promise<Volume> {
  const volume = await house.settled(id);
  expect(volume).toMatchObject({ status: 'available', metadata: { src_backup_id: leaf.id } });
  expect(await volumeSha256(house, id, chain)).toBe(chain.contentSha256('inc3'));
  await expectBackupFree(house, leaf.id);
  return volume;
}

/** A restore that has written something and now hangs. */
async function stalledRestore(times = Infinity): Promise<{ id: string; requestId: string; rest: string }> {
  const id = await usedVolume();
  const rest = await restOf(id);
  const hanging = stallingDriver(times);
  stall = hanging;
  const requestId = await house.restore(id, leaf.id);
  await hanging.copying();
  return { id, requestId, rest };
}

const messages = async (requestId: string): Promise<string[]> =>
  (await house.catalog.listMessages(PROJECT, { requestId })).map(({ text }) => text);

async function copiedBytes(id: string): Promise<{ dataBytes: number; copiedBytes: number }> {
  return (await house.client.workflow.getHandle(restoreWorkflowId(id)).result()) as never;
}

describe('a restore into a volume that is there', () => {
  it('replaces what it held, zeros included, and leaves alone what lies behind the backup (H-72, S-66, W-1, W-2)', async () => {
    const id = await usedVolume({ name: 'mine', metadata: { mine: 'yes' } });
    const rest = await restOf(id);
    expect(await volumeSha256(house, id, chain)).not.toBe(chain.contentSha256('inc3'));

    await house.restore(id, leaf.id);

    const { name, metadata } = await expectRestored(id);
    expect([name, metadata['mine']]).toEqual(['mine', 'yes']);
    expect(await restOf(id)).toBe(rest);
  });

  it('takes what is right already for right: the second time nothing is copied', async () => {
    const id = await usedVolume();
    await house.restore(id, leaf.id);
    await expectRestored(id);
    expect((await copiedBytes(id)).copiedBytes).toBeGreaterThan(0);

    await house.restore(id, leaf.id);

    await expectRestored(id);
    expect((await copiedBytes(id)).copiedBytes).toBe(0);
  });

  it('holds volume and backup until it is over: nobody deletes, resets or restores them (H-57, H-69, H-73, S-47)', async () => {
    const { id } = await stalledRestore();
    const { catalog } = house;
    expect(await house.volume(id)).toMatchObject({ status: 'restoring-backup' });
    expect(await house.backup(leaf.id)).toMatchObject({ status: 'restoring' });

    await expect(house.remove(id)).rejects.toMatchObject({ code: 'InvalidVolume' });
    await expect(house.restore(id, leaf.id)).rejects.toMatchObject({ code: 'Conflict' });
    await expect(catalog.resetVolume(id, { status: 'available' })).rejects.toThrow(leaf.id);
    await expect(catalog.resetBackup(leaf.id, 'available')).rejects.toThrow(id);
    await expect(catalog.deleteBackup(leaf.id)).rejects.toMatchObject({ code: 'InvalidBackup' });
    const other = await usedVolume();
    await expect(house.restore(other, leaf.id)).rejects.toThrow('Backup status must be available');

    expect(await house.volume(other)).toMatchObject({ status: 'available', restore: null });
    await house.client.workflow.getHandle(restoreWorkflowId(id)).cancel();
    await house.restoreClosed(id);
  });

  it('that hangs ends in error_restoring with its reason, and a retry goes on where it was (W-9, H-102)', async () => {
    const { id, requestId, rest } = await stalledRestore(1);
    expect(await house.restoreClosed(id)).toBe('FAILED');
    expect(await house.settled(id)).toMatchObject({ status: 'error_restoring' });
    await expectBackupFree(house, leaf.id);
    expect(await messages(requestId)).toEqual([
      expect.stringMatching(/^restore backup:.*No byte has moved.*is replaced/),
    ]);
    // Half of it is the backup's: nobody may use it for either.
    await expect(house.catalog.resetVolume(id, { status: 'available' })).rejects.toThrow(/a part of backup/);

    await house.restore(id, leaf.id);

    await expectRestored(id);
    const { dataBytes, copiedBytes: copied } = await copiedBytes(id);
    expect(copied).toBeGreaterThan(0);
    expect(copied).toBeLessThan(dataBytes);
    expect(await restOf(id)).toBe(rest);
  });

  it('cancelled, ends in error_restoring; the data stays, and another backup may be restored (W-22)', async () => {
    const { id, requestId, rest } = await stalledRestore();
    await house.client.workflow.getHandle(restoreWorkflowId(id)).cancel();
    expect(await house.restoreClosed(id)).toBe('CANCELLED');
    expect(await house.volume(id)).toMatchObject({ status: 'error_restoring', host: expect.any(String) });
    expect(await messages(requestId)).toEqual([expect.stringContaining('cancelled')]);
    expect(house.volumes()).toContain(`volume-${id}`);
    stall = null;

    await house.restore(id, leaf.parentId!);

    expect(await house.settled(id)).toMatchObject({ status: 'available', metadata: { src_backup_id: leaf.parentId } });
    expect(await volumeSha256(house, id, chain)).toBe(chain.contentSha256('inc2'));
    expect(await restOf(id)).toBe(rest);
  });

  it('may be deleted when it failed, and by force also while it goes on (H-57, H-61)', async () => {
    const { id } = await stalledRestore();
    await house.workflows.remove({ volumeId: id, projectId: PROJECT, requestId: 'req-force', force: true });
    await eventually(async () => ((await house.volume(id)) === null ? true : null));
    expect(house.volumes()).not.toContain(`volume-${id}`);
    await expectBackupFree(house, leaf.id);
  });

  it('whose run was terminated is taken over by the next one', async () => {
    const { id } = await stalledRestore(1);
    await house.client.workflow.getHandle(restoreWorkflowId(id)).terminate();
    expect(await house.volume(id)).toMatchObject({ status: 'restoring-backup' });

    await house.restore(id, leaf.id);

    await expectRestored(id);
  });

  it('of a damaged backup that is found out before it writes leaves the data whole, and an administrator may say so (W-26)', async () => {
    const full = chain.links('full')[0]!;
    const id = await usedVolume();
    const before = await volumeSha256(house, id, chain);
    truncateSync(repository.pathOf(full, '_metadata'), 100);

    const requestId = await house.restore(id, leaf.id);

    expect(await house.settled(id)).toMatchObject({ status: 'error_restoring' });
    expect(await messages(requestId)).toEqual([
      expect.stringMatching(new RegExp(`${full.serviceMetadata}_metadata.*Nothing was written`)),
    ]);
    expect(await volumeSha256(house, id, chain)).toBe(before);
    await house.catalog.resetVolume(id, { status: 'available' });
    expect(await house.volume(id)).toMatchObject({ status: 'available' });
  });
});
