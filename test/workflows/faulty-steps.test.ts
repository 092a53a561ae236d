import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { expectBackupFree, expectCleanSlate, messagesOf } from '../support/clean-slate';
import { extendingNothing } from '../support/drivers';
import { damageableCopy, fixture } from '../support/fixtures';
import { eventually } from '../support/eventually';
import { PROJECT, startHouse } from '../support/house';
import { everyAnswerLostOnce, everyStepFailsOnce, everyStepTwice } from '../support/step-faults';
import { fillWithNoise, volumeSha256 } from '../support/volume-content';

const uncompressed = fixture('none-c4m-s32k-odd');
const compressed = fixture('zlib-c4m-s32k-odd');

const FAULTS = [
  { fault: 'every step is run twice', interceptor: () => everyStepTwice },
  { fault: 'every step fails once', interceptor: everyStepFailsOnce },
  { fault: 'the answer of every step is lost once', interceptor: everyAnswerLostOnce },
] as const;

describe.each(FAULTS)('when $fault', ({ interceptor }) => {
  it.each([
    { way: 'by a raw volume and a restore', chain: compressed },
    { way: "by the driver's own way", chain: uncompressed },
  ])('a volume is created all the same, $way', async ({ chain }) => {
    const house = await startHouse({ repository: chain.repoRoot, interceptors: [interceptor()] });
    try {
      const backupId = await house.importChain(chain);

      const volumeId = await house.create({ backupId });

      expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
      expect(await volumeSha256(house, volumeId, chain)).toBe(chain.contentSha256('inc3'));
      await expectBackupFree(house, backupId);
      expect(house.volumes()).toEqual([`volume-${volumeId}`]);
      expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1, gigabytes: 1 });
    } finally {
      await house.stop();
    }
  });

  it('a create that must fail leaves a clean slate, and says so once', async () => {
    const repository = damageableCopy(compressed);
    const house = await startHouse({ repository: repository.repoRoot, interceptors: [interceptor()] });
    try {
      const backupId = await house.importChain(compressed);
      const leaf = compressed.links('inc3')[0]!;
      // The data is wrong, which is found only when everything is in place and half of the bytes are copied.
      flipHash(repository.pathOf(leaf, '_sha256file'));

      const volumeId = await house.create({ backupId });

      expect(await house.closed(volumeId)).toBe('FAILED');
      await expectCleanSlate(house, volumeId, backupId);
      expect(await messagesOf(house, volumeId)).toHaveLength(1);
    } finally {
      await house.stop();
      repository.dispose();
    }
  });

  it('a backup is restored into a volume that holds other data (H-72)', async () => {
    const house = await startHouse({ repository: compressed.repoRoot, interceptors: [interceptor()] });
    try {
      const backupId = await house.importChain(compressed);
      const volumeId = await house.create({ sizeGib: 1 });
      await house.settled(volumeId);
      await fillWithNoise(path.join(house.poolPath(), `volume-${volumeId}`));

      await house.restore(volumeId, backupId);

      expect(await house.restoreClosed(volumeId)).toBe('COMPLETED');
      expect(await house.volume(volumeId)).toMatchObject({ status: 'available' });
      expect(await volumeSha256(house, volumeId, compressed)).toBe(compressed.contentSha256('inc3'));
      await expectBackupFree(house, backupId);
    } finally {
      await house.stop();
    }
  });

  it('a restore that must fail says so once, and frees its backup', async () => {
    const repository = damageableCopy(compressed);
    const house = await startHouse({ repository: repository.repoRoot, interceptors: [interceptor()] });
    try {
      const backupId = await house.importChain(compressed);
      flipHash(repository.pathOf(compressed.links('inc3')[0]!, '_sha256file'));
      const volumeId = await house.create({ sizeGib: 1 });
      await house.settled(volumeId);

      const requestId = await house.restore(volumeId, backupId);

      expect(await house.restoreClosed(volumeId)).toBe('FAILED');
      expect(await house.volume(volumeId)).toMatchObject({ status: 'error_restoring' });
      await expectBackupFree(house, backupId);
      expect(await house.catalog.listMessages(PROJECT, { requestId })).toHaveLength(1);
      expect(house.volumes()).toEqual([`volume-${volumeId}`]);
    } finally {
      await house.stop();
      repository.dispose();
    }
  });

  it('a volume is extended (H-62)', async () => {
    const house = await startHouse({ interceptors: [interceptor()] });
    try {
      const volumeId = await house.create({ sizeGib: 1 });
      await house.settled(volumeId);

      await house.extend(volumeId, 3);

      expect(await house.extensionClosed(volumeId)).toBe('COMPLETED');
      expect(await house.volume(volumeId)).toMatchObject({ status: 'available', sizeGib: 3 });
      expect(statSync(path.join(house.poolPath(), `volume-${volumeId}`)).size).toBe(3 * GIB);
      expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1, gigabytes: 3 });
    } finally {
      await house.stop();
    }
  });

  it('an extension that must fail says so once, and gives everything back', async () => {
    const house = await startHouse({ interceptors: [interceptor()], aroundDriver: extendingNothing });
    try {
      const volumeId = await house.create({ sizeGib: 1 });
      await house.settled(volumeId);

      const requestId = await house.extend(volumeId, 3);

      expect(await house.extensionClosed(volumeId)).toBe('FAILED');
      expect(await house.volume(volumeId)).toMatchObject({ status: 'error_extending', sizeGib: 1 });
      expect(await house.catalog.listMessages(PROJECT, { requestId })).toHaveLength(1);
      expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1, gigabytes: 1 });
    } finally {
      await house.stop();
    }
  });

  it('a refused request leaves no row, takes no quota, locks nothing (S-6)', async () => {
    const house = await startHouse({ interceptors: [interceptor()] });
    try {
      await expect(house.create({ sizeGib: 1, volumeType: 'nope' })).rejects.toThrow(
        'Volume type with name nope could not be found.',
      );
      expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 0, gigabytes: 0 });
      expect(await house.database.query('select id from volumes')).toEqual([]);
    } finally {
      await house.stop();
    }
  });

  it('a volume is deleted exactly once', async () => {
    const house = await startHouse({ interceptors: [interceptor()] });
    try {
      const volumeId = await house.create({ sizeGib: 2 });
      await house.settled(volumeId);

      await house.remove(volumeId);

      await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
      expect(house.files()).toEqual([]);
      expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 0, gigabytes: 0 });
    } finally {
      await house.stop();
    }
  });
});

/** Makes the recorded hash of the volume's last block wrong. */
function flipHash(sha256File: string): void {
  const content = JSON.parse(readFileSync(sha256File, 'utf8'));
  content.sha256s[content.sha256s.length - 1] = '0'.repeat(64);
  writeFileSync(sha256File, JSON.stringify(content, null, 2));
}
