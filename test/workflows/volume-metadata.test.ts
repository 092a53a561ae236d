import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { importOf } from '../catalog/arrange';
import { expectBackupFree, expectCleanSlate, messagesOf } from '../support/clean-slate';
import { withoutNativeWay } from '../support/drivers';
import { fixture } from '../support/fixtures';
import { PROJECT, startHouse } from '../support/house';
import type { House } from '../support/house';
import { cinderVolumeMeta } from '../support/volume-meta';
import { writeBackup } from '../support/write-backup';

const OLD = cinderVolumeMeta({
  base: { display_name: 'old name', bootable: true },
  metadata: { tier: 'tin', gone: '1' },
  imageMetadata: { os_distro: 'etch' },
});
const NEW = cinderVolumeMeta({
  base: { display_name: 'root disk', display_description: 'of the shop', bootable: true },
  metadata: { owner: 'them', tier: 'gold' },
  imageMetadata: { os_distro: 'debian', min_disk: '1' },
});

describe('the metadata of a volume that is made from a backup', () => {
  let repository: string;
  let house: House;

  beforeEach(() => {
    repository = mkdtempSync(path.join(tmpdir(), 'rekindle-repository-'));
  });
  afterEach(async () => {
    await house.stop();
    rmSync(repository, { recursive: true });
  });

  /** A full backup and an increment of it; answers the increment's id. */
  const importChain = async (volumeMetas: readonly (string | null)[]): Promise<string> => {
    const states = [Buffer.alloc(65_536, 1), Buffer.alloc(65_536, 2)];
    const { links } = writeBackup({ root: repository, states, volumeMetas, codec: 'none' });
    for (const link of [...links].reverse()) {
      await house.catalog.importBackup(importOf({ ...link, projectId: PROJECT, name: null }));
    }
    return links[0]!.id;
  };

  it.each([
    ["by the driver's own way", undefined],
    ['by a raw volume and a restore', withoutNativeWay],
  ])(
    "is the user's where he gave some, else that of the last backup: %s (S-60 to S-63, W-15)",
    async (_, aroundDriver) => {
      house = await startHouse({ repository, aroundDriver });
      const backupId = await importChain([OLD, NEW]);

      const volumeId = await house.create({ backupId, description: 'my own', metadata: { owner: 'me' } });

      expect(await house.settled(volumeId)).toMatchObject({
        status: 'available',
        name: 'root disk',
        description: 'my own',
        bootable: true,
        imageMetadata: { os_distro: 'debian', min_disk: '1' },
      });
      const volume = await house.volume(volumeId);
      expect(volume?.metadata).toEqual({ owner: 'me', tier: 'gold', src_backup_id: backupId });
    },
  );

  it('is src_backup_id alone where the last backup says nothing (S-60, S-63)', async () => {
    house = await startHouse({ repository });
    const backupId = await importChain([OLD, null]);

    const volumeId = await house.create({ backupId });

    expect(await house.settled(volumeId)).toMatchObject({ status: 'available', name: null, bootable: false });
    expect((await house.volume(volumeId))?.metadata).toEqual({ src_backup_id: backupId });
  });

  it.each([
    {
      what: 'of a version that nobody knows (S-61)',
      volumeMeta: cinderVolumeMeta({ version: 3 }),
      says: /_metadata \(volume_meta\) .*no support for version 3/,
    },
    {
      what: 'of an encrypted volume, of which the record says nothing (W-14)',
      volumeMeta: cinderVolumeMeta({ base: { encryption_key_id: 'a-key' } }),
      says: /^restore backup:.*encrypted volume \(key a-key\).*Restore it with Cinder/,
    },
  ])('ends in error before anything is written, if it is $what', async ({ volumeMeta, says }) => {
    house = await startHouse({ repository });
    const backupId = await importChain([NEW, volumeMeta]);

    const volumeId = await house.create({ backupId });

    expect(await house.closed(volumeId)).toBe('FAILED');
    await expectCleanSlate(house, volumeId, backupId);
    expect(await messagesOf(house, volumeId)).toEqual([expect.stringMatching(says)]);
  });

  it('is not looked for when the record says that the volume was encrypted: refused at once (W-14)', async () => {
    house = await startHouse({ repository });
    const { id: backupId } = await house.catalog.importBackup(
      importOf({ projectId: PROJECT, encryptionKeyId: 'a-key' }),
    );

    await expect(house.create({ backupId })).rejects.toMatchObject({
      code: 'InvalidBackup',
      message: expect.stringMatching(/encrypted volume \(key a-key\).*Restore it with Cinder/),
    });
    await expectBackupFree(house, backupId);
  });
});

describe('a backup that Cinder wrote', () => {
  it('gives the volume the name that its own had, unless the user gives another (S-62)', async () => {
    const chain = fixture('zlib-c64k-s4k-sec');
    const house = await startHouse({ repository: chain.repoRoot });
    try {
      const backupId = await house.importChain(chain);
      const unnamed = await house.create({ backupId });
      expect(await house.settled(unnamed)).toMatchObject({ status: 'available', name: 'zlib-c64k-s4k-sec' });
      const named = await house.create({ backupId, name: 'mine' });
      expect(await house.settled(named)).toMatchObject({ status: 'available', name: 'mine' });
    } finally {
      await house.stop();
    }
  });
});
