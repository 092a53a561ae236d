import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CopyImageOptions, VerifyOptions } from '../../src/copy/copy';
import { copyImage } from '../../src/copy/copy-image';
import { verifyTarget } from '../../src/copy/verify-target';
import { GIB } from '../../src/domain/volume';
import { fileVolumeDriver } from '../../src/drivers/volume/file';
import type { VolumeOnPool } from '../../src/drivers/volume/driver';
import type { BackupImage } from '../../src/image/backup-image';
import { openFrom } from '../image/assemble';
import { copying } from './copying';
import { BIG_FIXTURES, damageableCopy, fixture, LABELS, SMALL_FIXTURES } from '../support/fixtures';
import { contentOfVolume, fillWithNoise } from '../support/volume-content';

const MIB = 1024 ** 2;

describe("a backup of Cinder's, restored to a volume file", () => {
  let folder: string;
  let driver: ReturnType<typeof fileVolumeDriver>;
  let volume: VolumeOnPool;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rekindle-restore-'));
    const pools = [{ name: 'pool', path: folder }];
    driver = fileVolumeDriver({ host: 'node1', backend: 'files', availabilityZone: 'nova', pools });
    volume = { id: randomUUID(), sizeGib: 1, poolName: 'node1@files#pool' };
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function onTarget<T>(
    epoch: number,
    image: BackupImage,
    work: (options: CopyImageOptions & VerifyOptions) => Promise<T>,
  ): Promise<T> {
    const { signal } = new AbortController();
    const target = await driver.openTarget(volume, { epoch, signal });
    try {
      return await work({ ...copying(image, target), fromDisk: true });
    } finally {
      await target.close();
    }
  }

  async function restore(image: BackupImage): Promise<void> {
    await driver.createVolume(volume);
    await onTarget(1, image, copyImage);
  }

  describe.each(SMALL_FIXTURES)('%s', (name) => {
    it.each(LABELS)('%s: every byte is right, and zeros follow (W-1)', async (label) => {
      const { repoRoot, links, contentSha256, volumeBytes } = fixture(name);
      await restore(await openFrom(repoRoot, links(label)));
      expect(await contentOfVolume(driver.locate(volume), volumeBytes)).toEqual({
        sha256: contentSha256(label),
        zerosFollow: true,
        sizeBytes: GIB,
      });
    });

    it.each(['full', 'inc3'] as const)('%s: the same on a volume full of noise (W-2)', async (label) => {
      const { repoRoot, links, contentSha256, volumeBytes } = fixture(name);
      await driver.createVolume(volume);
      await fillWithNoise(driver.locate(volume));
      await restore(await openFrom(repoRoot, links(label)));
      expect(await contentOfVolume(driver.locate(volume), volumeBytes)).toEqual({
        sha256: contentSha256(label),
        zerosFollow: true,
        sizeBytes: GIB,
      });
    });
  });

  it.each(BIG_FIXTURES)('%s: every byte of the last link is right (W-1)', async (name) => {
    const { repoRoot, links, contentSha256 } = fixture(name);
    await restore(await openFrom(repoRoot, links('inc3')));
    expect((await contentOfVolume(driver.locate(volume), GIB)).sha256).toBe(contentSha256('inc3'));
  });

  it('is cloned by the kernel where its objects are plain files, and verified on the volume', async () => {
    const { repoRoot, links, contentSha256, volumeBytes } = fixture('none-c4m-s32k-odd');
    const image = await openFrom(repoRoot, links('inc3'));
    const options = { epoch: 1, signal: new AbortController().signal, onProgress: () => undefined };
    const result = await driver.createVolumeFromBackup(volume, await image.localRanges(), options);
    // The repository may lie on another file system than this machine's folder for temporary files.
    if (result.kind === 'not-supported') await restore(image);
    await onTarget(2, image, verifyTarget);
    expect(await contentOfVolume(driver.locate(volume), volumeBytes)).toEqual({
      sha256: contentSha256('inc3'),
      zerosFollow: true,
      sizeBytes: GIB,
    });
    await onTarget(3, image, ({ target }) => target.write(10 * MIB, Buffer.of(1, 2, 3)));
    await expect(onTarget(4, image, verifyTarget)).rejects.toMatchObject({ code: 'BackupDamaged' });
  });

  it('is proven by the md5 of its objects where its sha256 file is missing', async () => {
    const original = fixture('zlib-c4m-s32k-odd');
    const repository = damageableCopy(original);
    try {
      const chain = original.links('inc3');
      await rm(repository.pathOf(chain[0]!, '_sha256file'));
      const image = await openFrom(repository.repoRoot, chain);
      await restore(image);
      expect((await contentOfVolume(driver.locate(volume), original.volumeBytes)).sha256).toBe(
        original.contentSha256('inc3'),
      );
      await onTarget(2, image, verifyTarget);
    } finally {
      repository.dispose();
    }
  });

  it('is refused, with the object named, when one bit of an object has flipped (W-7)', async () => {
    const original = fixture('none-c4m-s32k-odd');
    const repository = damageableCopy(original);
    try {
      const chain = original.links('full');
      const path = repository.pathOf(chain[0]!, '-00001');
      const data = await readFile(path);
      data[100]! ^= 0x10;
      await writeFile(path, data);
      await expect(restore(await openFrom(repository.repoRoot, chain))).rejects.toMatchObject({
        code: 'BackupDamaged',
        message: expect.stringMatching(
          new RegExp(
            `^Backup ${chain[0]!.id} is damaged: object .*-00001: SHA-256 of the block at byte 0 of the volume is`,
          ),
        ),
      });
    } finally {
      repository.dispose();
    }
  });
});
