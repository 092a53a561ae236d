import type { Checkpoint } from '../../src/domain/checkpoint';
import type { Progress } from '../../src/domain/progress';
import type { CopyImageOptions, CopyResult } from '../../src/copy/copy';
import { copyImage } from '../../src/copy/copy-image';
import type { BackupImage } from '../../src/image/backup-image';
import { copying, readerOf } from './copying';
import { contentOf, literalImage } from './literal-image';
import type { LiteralImage } from './literal-image';
import { MemoryTarget, noisyTarget, zeroedTarget } from './memory-target';
import { random, randomImage } from './random-image';

const MIB = 1024 ** 2;

/** 200 MiB: 20 objects of 8 MiB, each followed by 2 MiB of zeros. */
const LARGE: LiteralImage = {
  sizeBytes: 200 * MIB,
  blockBytes: MIB / 4,
  objects: Array.from({ length: 20 }, (_, index) => ({
    name: `p-${String(index + 1).padStart(5, '0')}`,
    offsetBytes: index * 10 * MIB,
    data: Buffer.alloc(8 * MIB, `object ${index} `),
  })),
};

/** Counts what is written to it. */
class CountingTarget extends MemoryTarget {
  writtenBytes = 0;
  override async write(offsetBytes: number, data: Uint8Array): Promise<void> {
    await super.write(offsetBytes, data);
    this.writtenBytes += data.length;
  }
}

/** The last checkpoint of a copy that is stopped when so many bytes are done. */
async function interrupted(
  image: BackupImage,
  target: MemoryTarget,
  { afterBytes, ...options }: Partial<CopyImageOptions> & { afterBytes: number },
): Promise<Checkpoint | null> {
  const abort = new AbortController();
  let last: Checkpoint | null = null;
  const copied = copyImage({
    ...copying(image, target),
    ...options,
    signal: abort.signal,
    saveCheckpoint: async (checkpoint) => {
      last = checkpoint;
    },
    onProgress: ({ phase, doneBytes }) => {
      if (phase === 'copy' && doneBytes >= afterBytes) abort.abort(new Error('stopped by the test'));
    },
  });
  await expect(copied).rejects.toThrow('stopped by the test');
  return last;
}

/** The same data as another process finds it: with the file's identity, and no longer zeroed. */
function reopened(target: MemoryTarget, identity: string): CountingTarget {
  return Object.assign(new CountingTarget(target.bytes), { identity });
}

function resume(image: BackupImage, target: MemoryTarget, options: Partial<CopyImageOptions>): Promise<CopyResult> {
  return copyImage({ ...copying(image, target), ...options });
}

const FILE = 'the same file';

describe('a copy that goes on where an earlier attempt was', () => {
  it.each([
    ['on a fresh target', zeroedTarget],
    ['on a target full of noise (W-2)', noisyTarget],
  ])('writes at most 64 MiB once more and reads no finished object again, %s', async (_where, targetOf) => {
    const target = Object.assign(targetOf(210 * MIB), { identity: FILE });
    const image = literalImage(LARGE);
    const checkpoint = await interrupted(image, target, { afterBytes: 130 * MIB });

    const read: string[] = [];
    const watched: BackupImage = {
      ...image,
      readLive: (object, signal) => {
        read.push(object.name);
        return image.readLive(object, signal);
      },
    };
    const next = reopened(target, FILE);
    const { copiedBytes } = await resume(watched, next, { readers: [readerOf(watched)], checkpoint });

    expect(next.bytes.equals(Buffer.concat([contentOf(LARGE), Buffer.alloc(10 * MIB)]))).toBe(true);
    expect(copiedBytes).toBe(next.writtenBytes);
    expect(next.writtenBytes).toBeLessThanOrEqual((160 - 130 + 64) * MIB);
    expect(read).toEqual(LARGE.objects.slice(-read.length).map(({ name }) => name));
    expect(read.length).toBeLessThan(13);
  });

  it('remembers a few ranges, however scattered the data is', async () => {
    const scattered: LiteralImage = {
      sizeBytes: 96 * MIB,
      blockBytes: 4096,
      objects: Array.from({ length: 6 }, (_, index) => ({
        name: `o${index}`,
        offsetBytes: index * 16 * MIB,
        data: Buffer.alloc(16 * MIB, `object ${index} `),
        live: Array.from({ length: 1000 }, (_unused, run) => ({
          offsetBytes: index * 16 * MIB + run * 16384,
          lengthBytes: 12288,
        })),
      })),
    };
    const image = literalImage(scattered);
    const target = Object.assign(zeroedTarget(96 * MIB), { identity: FILE });
    const checkpoint = await interrupted(image, target, { afterBytes: 60 * MIB });
    expect(checkpoint?.finished.length).toBeLessThanOrEqual(3);
    const next = reopened(target, FILE);
    await resume(image, next, { checkpoint });
    expect(next.bytes.equals(contentOf(scattered))).toBe(true);
    expect(next.writtenBytes).toBeLessThan(50 * MIB);
  });

  it('hashes the finished ranges again after a reboot, and copies only what was lost with it', async () => {
    const target = Object.assign(zeroedTarget(200 * MIB), { identity: FILE });
    const image = literalImage(LARGE);
    const checkpoint = await interrupted(image, target, { afterBytes: 130 * MIB });
    // The disk acknowledged its flushes and lost them all the same.
    target.bytes.fill(0, 21 * MIB, 24 * MIB);
    const next = Object.assign(reopened(target, FILE), { bootId: 'the next boot' });
    const phases = new Set<string>();
    await resume(image, next, { checkpoint, onProgress: ({ phase }) => phases.add(phase) });
    expect(next.bytes.equals(contentOf(LARGE))).toBe(true);
    expect(next.writtenBytes).toBeLessThanOrEqual((160 - 130 + 64 + 3) * MIB);
    expect([...phases]).toEqual(['resume', 'copy']);
  });

  it('believes no checkpoint of a volume that was removed and made again', async () => {
    const image = literalImage(LARGE);
    const target = Object.assign(zeroedTarget(200 * MIB), { identity: FILE });
    const checkpoint = await interrupted(image, target, { afterBytes: 130 * MIB });
    const madeAgain = reopened(noisyTarget(200 * MIB), 'another file');
    await resume(image, madeAgain, { checkpoint });
    expect(madeAgain.bytes.equals(contentOf(LARGE))).toBe(true);
    const fresh = Object.assign(zeroedTarget(200 * MIB), { identity: FILE });
    await resume(image, fresh, { checkpoint });
    expect(fresh.bytes.equals(contentOf(LARGE))).toBe(true);
  });

  it('copies only the blocks that differ where there is no checkpoint at all', async () => {
    const target = new CountingTarget(contentOf(LARGE));
    target.bytes.fill('noise', 42 * MIB + 5, 42 * MIB + 10);
    target.bytes.fill('noise', 58 * MIB, 60 * MIB);
    await resume(literalImage(LARGE), target, {});
    expect(target.bytes.equals(contentOf(LARGE))).toBe(true);
    expect(target.writtenBytes).toBe(MIB / 4);
  });

  it('fetches no object of which nothing differs, where there is no checkpoint at all', async () => {
    const image = literalImage(LARGE);
    const read: string[] = [];
    const watched: BackupImage = {
      ...image,
      readLive: (object, signal) => {
        read.push(object.name);
        return image.readLive(object, signal);
      },
    };
    const target = new CountingTarget(contentOf(LARGE));
    // Half of the fourth object never arrived; in the eighth, one byte went wrong.
    target.bytes.fill(0, 34 * MIB, 38 * MIB);
    target.bytes[72 * MIB]! ^= 1;
    const { dataBytes, copiedBytes } = await resume(watched, target, { readers: [readerOf(watched)] });
    expect(target.bytes.equals(contentOf(LARGE))).toBe(true);
    expect(read).toEqual(['p-00004', 'p-00008']);
    expect([dataBytes, copiedBytes, target.writtenBytes]).toEqual([160 * MIB, 4.25 * MIB, 4.25 * MIB]);
  });

  it('writes only what differs where the backup has no hashes of its blocks', async () => {
    const target = new CountingTarget(contentOf(LARGE));
    target.bytes.fill('noise', 42 * MIB + 5, 42 * MIB + 10);
    await resume(literalImage({ ...LARGE, blockBytes: null }), target, {});
    expect(target.bytes.equals(contentOf(LARGE))).toBe(true);
    expect(target.writtenBytes).toBeLessThanOrEqual(MIB);
  });

  it('calls nothing finished of an object whose md5 has not been checked', async () => {
    const one: LiteralImage = {
      sizeBytes: 100 * MIB,
      blockBytes: null,
      objects: [{ name: 'o', offsetBytes: 0, data: Buffer.alloc(100 * MIB, 'data') }],
    };
    const target = Object.assign(zeroedTarget(100 * MIB), { identity: FILE });
    expect(await interrupted(literalImage(one), target, { afterBytes: 80 * MIB })).toBeNull();
    const next = reopened(target, FILE);
    await resume(literalImage(one), next, {});
    expect(next.bytes.equals(contentOf(one))).toBe(true);
    expect(next.writtenBytes).toBeLessThanOrEqual((100 - 80 + 8) * MIB);
  });

  it('finds what is wrong across the border between two attempts', async () => {
    const image = literalImage({ ...LARGE, blockBytes: 3 * MIB });
    const target = Object.assign(zeroedTarget(200 * MIB), { identity: FILE });
    const checkpoint = await interrupted(image, target, { afterBytes: 130 * MIB });
    const border = checkpoint!.finished.at(-1)!;
    target.bytes[border.offsetBytes + border.lengthBytes - 1]! ^= 1;
    await expect(resume(image, reopened(target, FILE), { checkpoint })).rejects.toMatchObject({
      code: 'BackupDamaged',
    });
  });

  it('tells its progress from where it begins, and never goes back', async () => {
    const image = literalImage(LARGE);
    const target = Object.assign(zeroedTarget(200 * MIB), { identity: FILE });
    const checkpoint = await interrupted(image, target, { afterBytes: 130 * MIB });
    const seen: Progress[] = [];
    await resume(image, reopened(target, FILE), { checkpoint, onProgress: (progress) => seen.push(progress) });
    const done = seen.filter(({ phase }) => phase === 'copy').map(({ doneBytes }) => doneBytes);
    expect(done[0]).toBeGreaterThanOrEqual((130 - 64) * MIB);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    expect(done.at(-1)).toBe(160 * MIB);
  });

  it('ends when it is told that a successor has taken over', async () => {
    const fenced = new Error('replaced');
    const target = zeroedTarget(200 * MIB);
    const saveCheckpoint = async (): Promise<void> => Promise.reject(fenced);
    await expect(resume(literalImage(LARGE), target, { saveCheckpoint })).rejects.toBe(fenced);
    expect(target.bytes.subarray(150 * MIB).every((byte) => byte === 0)).toBe(true);
  });

  it('flushes before each checkpoint, and never has more than 64 MiB written that none tells of', async () => {
    let unsavedBytes = 0;
    let mostBytes = 0;
    const target = new (class extends CountingTarget {
      override async write(offsetBytes: number, data: Uint8Array): Promise<void> {
        unsavedBytes += data.length;
        mostBytes = Math.max(mostBytes, unsavedBytes);
        await super.write(offsetBytes, data);
      }
    })(Buffer.alloc(200 * MIB), { isZeroed: true });
    const saved: Checkpoint[] = [];
    const saveCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
      expect(target.calls).toContain('flush');
      const before = saved.at(-1) ? bytesOf(saved.at(-1)!) : 0;
      saved.push(checkpoint);
      // Zeros within a finished range count in it, but are never written.
      unsavedBytes -= ((bytesOf(checkpoint) - before) * 8) / 10;
      for (let turn = 0; turn < 30; turn += 1) await new Promise(setImmediate);
    };
    await resume(literalImage(LARGE), target, { saveCheckpoint });
    expect(saved.length).toBeGreaterThanOrEqual(3);
    expect(mostBytes).toBeLessThanOrEqual((64 + 4) * MIB);
  });

  it('is right for plans of any shape, wherever the first attempt ended', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const literal = randomImage(seed);
      const image = literalImage(literal);
      const between = random(seed + 1000);
      const content = Buffer.alloc(literal.sizeBytes + 50);
      contentOf(literal).copy(content);
      // Any prefix of the image may be finished, and anything may lie behind it.
      const finishedBytes = between(0, literal.sizeBytes);
      const bytes = Buffer.alloc(content.length, 'noise');
      content.copy(bytes, 0, 0, finishedBytes);
      const target = Object.assign(new CountingTarget(bytes), { identity: FILE });
      const finished = finishedBytes > 0 ? [{ offsetBytes: 0, lengthBytes: finishedBytes }] : [];
      const checkpoint = { target: FILE, bootId: target.bootId, zerosDone: false, finished };
      await resume(image, target, { checkpoint });
      expect({ seed, differs: Buffer.compare(bytes, content) }).toEqual({ seed, differs: 0 });
    }
  });
});

function bytesOf({ finished }: Checkpoint): number {
  return finished.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}
