import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { posixBackupDriver } from '../../src/drivers/backup/posix';
import type { BackupLink } from '../../src/domain/backup';
import type { ObjectStore } from '../../src/domain/object-store';
import { openBackupImage } from '../../src/image/open';
import { fixture } from '../support/fixtures';
import { writeBackup } from '../support/write-backup';
import type { WriteBackupOptions } from '../support/write-backup';
import { assemble, contentOf, openFrom, readWhole } from './assemble';
import { sha256 } from '../../src/image/block-hashes';

const KIB = 1024;

/** Repeatable noise that doesn't compress. */
function noise(lengthBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (let index = 0, state = seed; index < lengthBytes; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/** The state with some ranges overwritten. */
function changed(state: Buffer, changes: readonly { readonly at: number; readonly data: Buffer }[]): Buffer {
  const next = Buffer.from(state);
  for (const { at, data } of changes) data.copy(next, at);
  return next;
}

describe('a backup image', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'rekindle-image-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (states: readonly Buffer[], options: Partial<WriteBackupOptions> = {}) =>
    writeBackup({ root: path.join(root, 'repo'), states, ...options });

  const sha256OfImage = async (links: readonly BackupLink[]): Promise<string> => {
    const image = await openFrom(path.join(root, 'repo'), links);
    await assemble(image, path.join(root, 'image'));
    return (await contentOf(path.join(root, 'image'), image)).sha256;
  };

  describe('of an increment that holds zeros (W-1)', () => {
    const full = Buffer.alloc(512 * KIB + 100, 0xaa);

    it.each([
      ['2 MiB worth of whole objects', 64 * KIB, 256 * KIB],
      ['a single block', 64 * KIB, 4 * KIB],
      ['a range across the border of two objects', 60 * KIB, 8 * KIB],
      ['the unaligned end of the volume', 512 * KIB, 100],
      ['everything', 0, full.length],
    ])("doesn't let the older data shine through: %s", async (_, at, lengthBytes) => {
      const zeroed = changed(full, [{ at, data: Buffer.alloc(lengthBytes) }]);

      for (const withSha256File of [true, false]) {
        const { links } = write([full, zeroed], { withSha256File });
        expect(await sha256OfImage(links)).toBe(sha256(zeroed).toString('hex'));
      }
    });

    it('has them as zeros in its plan and reads no object for them', async () => {
      const { links } = write([full, Buffer.alloc(full.length)]);

      const { plan } = await openFrom(path.join(root, 'repo'), links);

      expect(plan).toEqual({
        sizeBytes: full.length,
        objects: [],
        zeros: [{ offsetBytes: 0, lengthBytes: full.length }],
        dataBytes: 0,
      });
    });

    it('takes data that came back into a zeroed range', async () => {
      const zeroed = changed(full, [{ at: 0, data: Buffer.alloc(300 * KIB) }]);
      const back = changed(zeroed, [{ at: 100 * KIB, data: noise(5000, 1) }]);
      const { links } = write([full, zeroed, back]);

      expect(await sha256OfImage(links)).toBe(sha256(back).toString('hex'));
    });
  });

  describe.each(['none', 'zlib'] as const)('of %s objects', (codec) => {
    it.each([
      [4096, 4096, 1],
      [64 * KIB, 4096, 300 * KIB + 17],
      [64 * KIB, 512, 65 * KIB],
      [4096, 4096, 4096],
      [1_000_000, 500, 200_001],
    ])('is right for objects of %i, blocks of %i and a volume of %i bytes', async (objectBytes, blockBytes, size) => {
      const states = [noise(size, 1)];
      for (let seed = 2; seed < 8; seed += 1) {
        const at = (seed * 7919) % size;
        const data = seed % 3 === 0 ? Buffer.alloc(size >> 2) : noise(Math.min(9000, size - at), seed);
        states.push(changed(states[states.length - 1]!, [{ at, data: data.subarray(0, size - at) }]));
      }

      for (const withSha256File of [true, false]) {
        const { links } = write(states, { objectBytes, blockBytes, codec, withSha256File });
        expect(await sha256OfImage(links)).toBe(sha256(states.at(-1)!).toString('hex'));
      }
    });
  });

  it('reads every object of its plan, and no other, in pieces of at most 1 MiB', async () => {
    const state = noise(5 * 1024 * KIB, 1);
    const { links } = write([state], { codec: 'none', objectBytes: 3 * 1024 * KIB });
    const image = await openFrom(path.join(root, 'repo'), links);

    const sizes: number[] = [];
    for await (const { data } of image.readLive(image.plan.objects[0]!)) sizes.push(data.length);

    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * KIB);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(3 * 1024 * KIB);
  });

  it('never fetches an object that newer ones have superseded', async () => {
    const old = noise(256 * KIB, 1);
    const { links } = write([old, changed(old, [{ at: 0, data: noise(128 * KIB, 2) }])], { codec: 'none' });
    const driver = posixBackupDriver({ root: path.join(root, 'repo') });
    const read: string[] = [];
    const recording: ObjectStore = {
      ...driver,
      readObject: (link, name, options) => {
        read.push(name);
        return driver.readObject(link, name, options);
      },
    };

    const image = await openBackupImage({ chain: links, storeOf: () => recording });
    for (const object of image.plan.objects) await readWhole(image, object);

    const [leaf, full] = links as [BackupLink, BackupLink];
    const data = [leaf, leaf, full, full].map((link, index) => `${link.serviceMetadata!}-0000${index + 1}`);
    expect(read.filter((name) => /-\d+$/.test(name))).toEqual(data);
  });

  it('checks no MD5 where it has hashes of every block', async () => {
    const { links } = write([noise(64 * KIB, 1)], { withMd5: false });

    const image = await openFrom(path.join(root, 'repo'), links);

    expect(image.hashes?.count).toBe(16);
    expect(await readWhole(image, image.plan.objects[0]!)).toHaveLength(64 * KIB);
  });

  it('has no hashes where the leaf has no sha256 file, even if its parent has one', async () => {
    const original = fixture('none-c4m-s32k-odd');
    const [inc1, full] = original.links('inc1') as [BackupLink, BackupLink];
    const driver = posixBackupDriver({ root: original.repoRoot });
    const withoutHashes: ObjectStore = {
      ...driver,
      listObjects: async (link) =>
        (await driver.listObjects(link)).filter(({ name }) => name !== `${inc1.serviceMetadata!}_sha256file`),
    };

    const image = await openBackupImage({ chain: [inc1, full], storeOf: () => withoutHashes });

    expect(image.hashes).toBeNull();
    expect(image.plan.zeros).toEqual([]);
  });

  it('trusts the rows where a record was imported under another id (H-161f)', async () => {
    const original = fixture('zlib-c4m-s32k-odd');
    const [inc1, full] = original.links('inc1') as [BackupLink, BackupLink];
    const chain = [
      { ...inc1, id: 'new-leaf', parentId: 'new-full' },
      { ...full, id: 'new-full' },
    ];

    const image = await openFrom(original.repoRoot, chain);

    expect(image.backupId).toBe('new-leaf');
    await assemble(image, path.join(root, 'image'));
    expect(await contentOf(path.join(root, 'image'), image)).toEqual({
      sha256: original.contentSha256('inc1'),
      wrongBlocks: [],
    });
  });

  it('is the older state if it is opened from an older link', async () => {
    const states = [noise(200 * KIB, 1), noise(200 * KIB, 2)];
    const { links } = write(states);

    expect(await sha256OfImage(links.slice(1))).toBe(sha256(states[0]!).toString('hex'));
  });

  describe('is refused', () => {
    const { repoRoot, links: linksOf } = fixture('zlib-c4m-s32k-odd');
    const [inc2, inc1, full] = linksOf('inc2') as [BackupLink, BackupLink, BackupLink];

    it.each<[string, readonly BackupLink[], string]>([
      [
        'a chain without its full backup (W-26)',
        [inc2, inc1],
        `Backup ${inc1.id} is damaged: its parent ${full.id} is missing.`,
      ],
      ['an increment alone', [inc1], `Backup ${inc1.id} is damaged: its parent ${full.id} is missing.`],
      [
        'a chain with a link left out',
        [inc2, full],
        `Backup ${inc2.id} is damaged: its parent is ${inc1.id}, but the chain goes on with ${full.id}.`,
      ],
      [
        'a chain that goes on behind its full backup',
        [full, inc1],
        `Backup ${full.id} is damaged: its parent is none, but the chain goes on with ${inc1.id}.`,
      ],
      [
        'a loop of parents',
        [inc2, { ...inc1, parentId: inc2.id }, inc2],
        `Backup ${inc2.id} is damaged: backup ${inc2.id} is its own ancestor.`,
      ],
      [
        'a parent of another volume',
        [inc1, { ...full, volumeId: 'another' }],
        `Backup ${inc1.id} is damaged: its ancestor ${full.id} is of volume another, expected ${inc1.volumeId}.`,
      ],
      [
        'a record without service_metadata',
        [{ ...full, serviceMetadata: null }],
        `Backup ${full.id} is damaged: its record names no objects (service_metadata).`,
      ],
    ])('for %s', async (_, chain, message) => {
      await expect(openFrom(repoRoot, chain)).rejects.toMatchObject({ code: 'BackupDamaged', message });
    });
  });

  describe('whose data lies in local files', () => {
    it('tells where, so that a driver can clone it', async () => {
      const full = noise(192 * KIB, 1);
      const state = changed(full, [
        { at: 16 * KIB, data: noise(8 * KIB, 2) },
        { at: 100 * KIB, data: Buffer.alloc(4 * KIB) },
      ]);
      const { links, pathOf } = write([full, state], { codec: 'none' });
      const [leaf, base] = links as [BackupLink, BackupLink];

      const ranges = await (await openFrom(path.join(root, 'repo'), links)).localRanges();

      const range = (offset: number, length: number, file: string, at: number) => ({
        offsetBytes: offset * KIB,
        lengthBytes: length * KIB,
        path: file,
        pathOffsetBytes: at * KIB,
      });
      expect([...ranges!].sort((a, b) => a.offsetBytes - b.offsetBytes)).toEqual([
        range(0, 16, pathOf(base, '-00001'), 0),
        range(16, 8, pathOf(leaf, '-00001'), 0),
        range(24, 40, pathOf(base, '-00001'), 24),
        range(64, 36, pathOf(base, '-00002'), 0),
        range(104, 24, pathOf(base, '-00002'), 40),
        range(128, 64, pathOf(base, '-00003'), 0),
      ]);
    });

    it('tells nothing if any of it is compressed', async () => {
      const { links } = write([Buffer.concat([noise(64 * KIB, 1), Buffer.alloc(64 * KIB, 1)])]);

      expect(await (await openFrom(path.join(root, 'repo'), links)).localRanges()).toBeNull();
    });

    it('tells nothing if the repository has no local files', async () => {
      const { links } = write([noise(64 * KIB, 1)], { codec: 'none' });
      const remote: ObjectStore = { ...posixBackupDriver({ root: path.join(root, 'repo') }), localFile: undefined };

      const image = await openBackupImage({ chain: links, storeOf: () => remote });

      expect(await image.localRanges()).toBeNull();
    });
  });
});
