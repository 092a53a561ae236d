import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { posixBackupDriver } from '../../src/drivers/backup/posix';
import type { BackupImage } from '../../src/image/backup-image';
import { openBackupImage } from '../../src/image/open';
import { writeBackup } from '../support/write-backup';
import type { WriteBackupOptions, WrittenChain } from '../support/write-backup';
import { readWhole } from './assemble';

describe('a backup of which nothing proves the content', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'rekindle-unverified-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const state = Buffer.alloc(100_000, 'some data ');
  const write = (options: Partial<WriteBackupOptions>): WrittenChain =>
    writeBackup({ root, states: [state], codec: 'none', withSha256File: false, ...options });
  const openWith = ({ links }: WrittenChain, allowUnverified?: boolean): Promise<BackupImage> =>
    openBackupImage({ chain: links, storeOf: () => posixBackupDriver({ root }), allowUnverified });
  const read = async (image: BackupImage): Promise<Buffer> => {
    const objects: Buffer[] = [];
    for (const object of image.plan.objects) objects.push(await readWhole(image, object));
    return Buffer.concat(objects);
  };

  it.each([undefined, false])('is refused (allowed: %s)', async (allowUnverified) => {
    await expect(openWith(write({ withMd5: false }), allowUnverified)).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringMatching(/-00001 has neither a SHA-256 nor an MD5 to check it by\.$/),
    });
  });

  it('is restored where that is allowed', async () => {
    expect(state.equals(await read(await openWith(write({ withMd5: false }), true)))).toBe(true);
  });

  it('is refused for a wrong MD5 all the same, if some of it has one', async () => {
    const chain = write({});
    const file = chain.pathOf(chain.links[0]!, '-00001');
    writeFileSync(file, Buffer.alloc(65_536, 'other data'));

    await expect(openWith(chain, true).then(read)).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringContaining('its MD5 is'),
    });
  });

  it('is refused for a wrong length all the same', async () => {
    const chain = write({ withMd5: false });
    writeFileSync(chain.pathOf(chain.links[0]!, '-00001'), 'short');

    await expect(openWith(chain, true)).rejects.toMatchObject({
      code: 'BackupDamaged',
      message: expect.stringContaining('holds 5 bytes, expected 65536'),
    });
  });
});
