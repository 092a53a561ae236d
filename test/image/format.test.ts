import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { BackupLink } from '../../src/domain/backup';
import type { ObjectStore } from '../../src/domain/object-store';
import { GIB } from '../../src/domain/volume';
import type { BackupImage } from '../../src/image/backup-image';
import { openBackupImage } from '../../src/image/open';
import { editMetadata, writeBackup } from '../support/write-backup';
import type { WriteBackupOptions, WrittenChain } from '../support/write-backup';
import { openFrom, readWhole } from './assemble';

const KIB = 1024;
const MIB = 1024 ** 2;

/** A repository of one container, in memory. */
function storeOf(objects: Readonly<Record<string, Buffer>>): ObjectStore {
  return {
    listObjects: async () => Object.entries(objects).map(([name, { length }]) => ({ name, storedBytes: length })),
    async *readObject(_, name) {
      yield objects[name]!;
    },
  };
}

function linkOf(serviceMetadata: string): BackupLink {
  const service = 'cinder.backup.drivers.swift.SwiftBackupDriver';
  return {
    id: 'b',
    parentId: null,
    volumeId: 'v',
    sizeGib: 1,
    service,
    container: 'c',
    serviceMetadata,
    objectCount: 1,
  };
}

async function contentOf(image: BackupImage): Promise<Buffer> {
  const objects: Buffer[] = [];
  for (const object of image.plan.objects) objects.push(await readWhole(image, object));
  return Buffer.concat(objects);
}

describe("Cinder's format", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'rekindle-format-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const state = Buffer.concat([Buffer.alloc(64 * KIB, 'text '), Buffer.alloc(64 * KIB, 'more text '), Buffer.of(7)]);
  const write = (options: Partial<WriteBackupOptions> = {}): WrittenChain =>
    writeBackup({ root, states: [state], ...options });

  it('F-3: an MD5 in capitals is the same MD5', async () => {
    const { links, pathOf } = write({ withSha256File: false });
    editMetadata(pathOf(links[0]!, '_metadata'), ({ objects }) => {
      for (const extent of objects.flatMap((entry) => Object.values(entry))) extent.md5 = extent.md5!.toUpperCase();
    });

    expect(state.equals(await contentOf(await openFrom(root, links)))).toBe(true);
  });

  it('F-4: codecs mix within one backup, under any of their names', async () => {
    const { links, pathOf } = write({ codec: 'none' });
    const second = pathOf(links[0]!, '-00002');
    writeFileSync(second, deflateSync(readFileSync(second)));
    editMetadata(pathOf(links[0]!, '_metadata'), ({ objects }) => {
      ['Off', 'GZip', 'NO'].forEach((name, index) => (Object.values(objects[index]!)[0]!.compression = name));
    });

    const image = await openFrom(root, links);

    expect(image.plan.objects.map(({ codec }) => codec)).toEqual(['none', 'zlib', 'none']);
    expect(state.equals(await contentOf(image))).toBe(true);
  });

  it('F-6: the image is as long as its objects together, also where the row says less', async () => {
    const piece = Buffer.alloc(64 * MIB);
    const stored = deflateSync(piece, { level: 1 });
    const tail = Buffer.from('behind the gibibyte');
    const names = Array.from({ length: 17 }, (_, index) => `p-${String(index + 1).padStart(5, '0')}`);
    const md5 = createHash('md5').update(tail).digest('hex');
    const objects = names.map((name, index) => {
      const [compression, length] = index < 16 ? ['zlib', piece.length] : ['none', tail.length];
      return { [name]: { compression, length, md5, offset: index * piece.length } };
    });
    const metadata = JSON.stringify({ version: '1.0.0', volume_id: 'v', volume_meta: null, objects });
    const store = storeOf({
      ...Object.fromEntries(names.map((name, index) => [name, index < 16 ? stored : tail])),
      p_metadata: Buffer.from(metadata),
    });

    const image = await openBackupImage({ chain: [linkOf('p')], storeOf: () => store });

    expect(image.plan.sizeBytes).toBe(GIB + tail.length);
    expect(await readWhole(image, image.plan.objects.at(-1)!)).toEqual(tail);
  });

  it.each([0, 4, 1_000_000, -1])(
    'F-10: the %i objects that the row counts are no reason to refuse it',
    async (objectCount) => {
      const { links } = write();

      expect(state.equals(await contentOf(await openFrom(root, [{ ...links[0]!, objectCount }])))).toBe(true);
    },
  );

  it('F-14: a prefix with slashes, as of Swift, S3 and GCS, is taken as it stands (F-19)', async () => {
    const prefix = 'volume_v/20260101000000/az_nova_backup_b';
    const { links, pathOf } = write();
    const metadata = readFileSync(pathOf(links[0]!, '_metadata'), 'utf8');
    const suffixes = ['-00001', '-00002', '-00003', '_sha256file'];
    const entries = suffixes.map((suffix): [string, Buffer] => [
      prefix + suffix,
      readFileSync(pathOf(links[0]!, suffix)),
    ]);
    const renamed = Buffer.from(metadata.replaceAll(links[0]!.serviceMetadata!, prefix));
    const store = storeOf({ ...Object.fromEntries(entries), [`${prefix}_metadata`]: renamed });

    const image = await openBackupImage({ chain: [linkOf(prefix)], storeOf: () => store });

    expect(state.equals(await contentOf(image))).toBe(true);
  });
});
