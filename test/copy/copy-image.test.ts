import { Refusal } from '../../src/domain/errors';
import type { Progress } from '../../src/domain/progress';
import type { CopyImageOptions, CopyResult } from '../../src/copy/copy';
import { copyImage } from '../../src/copy/copy-image';
import type { BackupImage } from '../../src/image/backup-image';
import { sha256 } from '../../src/image/block-hashes';
import { copying } from './copying';
import { contentOf, literalImage } from './literal-image';
import type { LiteralImage } from './literal-image';
import { MemoryTarget, noisyTarget, zeroedTarget } from './memory-target';
import { randomImage } from './random-image';

const MIB = 1024 ** 2;

function copy(image: BackupImage, target: MemoryTarget, options: Partial<CopyImageOptions> = {}): Promise<CopyResult> {
  return copyImage({ ...copying(image, target), ...options });
}

function text(repeated: string, lengthBytes: number): Buffer {
  return Buffer.alloc(lengthBytes, repeated);
}

function hex(data: Uint8Array): string {
  return sha256(data).toString('hex');
}

/** Blocks of 10 bytes: 0 and 2 lie in one object each, 1 in two, 3 in an object and zeros, 4 and the short 5 in zeros. */
const SMALL: LiteralImage = {
  sizeBytes: 54,
  blockBytes: 10,
  objects: [
    { name: 'p-00001', offsetBytes: 0, data: text('first', 15) },
    { name: 'p-00002', offsetBytes: 15, data: text('second', 20) },
  ],
};

/** 40 MiB in objects of 10. */
const LARGE: LiteralImage = {
  sizeBytes: 40 * MIB,
  blockBytes: MIB / 2,
  objects: [0, 1, 2, 3].map((index) => ({
    name: `p-0000${index + 1}`,
    offsetBytes: index * 10 * MIB,
    data: text(`object ${index} `, 10 * MIB),
  })),
};

describe('copyImage', () => {
  it('puts every live byte in its place and nothing else, on a target full of noise (W-2)', async () => {
    const target = noisyTarget(100);
    const result = await copy(literalImage(SMALL), target);
    expect(target.bytes).toEqual(Buffer.concat([contentOf(SMALL), Buffer.alloc(46)]));
    expect(result).toEqual({ dataBytes: 35, copiedBytes: 35, zeroBytes: 65, elapsedMs: expect.any(Number) });
  });

  it('leaves what lies behind the image alone on a target that it overwrites (S-66)', async () => {
    const target = noisyTarget(100);
    const rest = Buffer.from(target.bytes.subarray(SMALL.sizeBytes));
    const result = await copy(literalImage(SMALL), target, { keepsRest: true });
    expect(target.bytes).toEqual(Buffer.concat([contentOf(SMALL), rest]));
    expect(result).toMatchObject({ dataBytes: 35, zeroBytes: 19 });
  });

  it('leaves the bytes of an object that a newer one has superseded unwritten (W-1)', async () => {
    const image: LiteralImage = {
      sizeBytes: 30,
      blockBytes: 10,
      objects: [
        {
          name: 'full',
          offsetBytes: 0,
          data: text('full', 30),
          live: [
            { offsetBytes: 0, lengthBytes: 4 },
            { offsetBytes: 26, lengthBytes: 3 },
          ],
        },
        { name: 'inc', offsetBytes: 8, data: text('increment', 10), live: [{ offsetBytes: 9, lengthBytes: 2 }] },
      ],
    };
    const target = noisyTarget(30);
    await copy(literalImage({ ...image, pieceBytes: 7 }), target);
    expect(target.bytes.toString()).toBe('full\0\0\0\0\0nc' + '\0'.repeat(15) + 'llf\0');
  });

  it('restores plans of any shape, with blocks across objects, gaps and the end', async () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const literal = randomImage(seed);
      const target = noisyTarget(literal.sizeBytes + (seed % 3) * 100);
      await copy(literalImage(literal), target);
      const expected = Buffer.alloc(target.sizeBytes);
      contentOf(literal).copy(expected);
      expect({ seed, differs: Buffer.compare(target.bytes, expected) }).toEqual({ seed, differs: 0 });
    }
  });

  it('finds any one byte that is not what was recorded, wherever its block comes from (W-7)', async () => {
    for (let at = 0; at < SMALL.sizeBytes; at += 1) {
      const recordedOf = contentOf(SMALL);
      recordedOf[at]! ^= 1;
      const damaged = copy(literalImage({ ...SMALL, recordedOf }), zeroedTarget(100));
      await expect(damaged).rejects.toMatchObject({ code: 'BackupDamaged' });
    }
  });

  it('names the object, the block and both hashes', async () => {
    const recordedOf = contentOf(SMALL);
    recordedOf[25]! ^= 1;
    const [found, expected] = [contentOf(SMALL).subarray(20, 30), recordedOf.subarray(20, 30)];
    await expect(copy(literalImage({ ...SMALL, recordedOf }), zeroedTarget(100))).rejects.toThrow(
      new Refusal(
        'BackupDamaged',
        `Backup b1 is damaged: object p-00002: SHA-256 of the block at byte 20 of the volume is ${hex(found)}, ` +
          `but ${hex(expected)} was recorded.`,
      ),
    );
  });

  it('names no object where none holds the block', async () => {
    const recordedOf = contentOf(SMALL);
    recordedOf[53]! ^= 1;
    await expect(copy(literalImage({ ...SMALL, recordedOf }), zeroedTarget(100))).rejects.toThrow(
      `Backup b1 is damaged: SHA-256 of the block at byte 50 of the volume is ${hex(Buffer.alloc(4))}, ` +
        `but ${hex(recordedOf.subarray(50))} was recorded.`,
    );
  });

  it('reads blocks that came from several places back from the target, and finds a write that went wrong', async () => {
    class Forgetful extends MemoryTarget {
      override async write(offsetBytes: number, data: Uint8Array): Promise<void> {
        await super.write(offsetBytes, data.subarray(0, -1));
      }
    }
    const target = new Forgetful(Buffer.alloc(54), { isZeroed: true });
    await expect(copy(literalImage(SMALL), target)).rejects.toThrow('the block at byte 10 of the volume');
  });

  it('stops at the first bad block', async () => {
    const recordedOf = contentOf(LARGE);
    recordedOf[MIB]! ^= 1;
    const target = zeroedTarget(LARGE.sizeBytes);
    await expect(copy(literalImage({ ...LARGE, recordedOf }), target)).rejects.toMatchObject({ code: 'BackupDamaged' });
    expect(Buffer.compare(target.bytes.subarray(10 * MIB), Buffer.alloc(30 * MIB))).toBe(0);
    expect(target.calls).not.toContain('flush');
  });

  it('leaves zeros alone where the target is known to be zero, and flushes once, at the end', async () => {
    const target = zeroedTarget(100);
    await copy(literalImage(SMALL), target);
    expect(target.calls).not.toContain('zero');
    expect(target.calls.filter((call) => call === 'flush')).toHaveLength(1);
    expect(target.calls.at(-1)).toBe('flush');
  });

  it('refuses an image that does not fit, before it touches the target', async () => {
    const target = noisyTarget(53);
    await expect(copy(literalImage(SMALL), target)).rejects.toThrow(
      new Refusal('InvalidVolume', 'Backup b1 holds an image of 54 bytes, which does not fit on a volume of 53 bytes.'),
    );
    expect(target.calls).toEqual([]);
  });

  it('copies an image without hashes, whose objects check themselves, and passes their fault on', async () => {
    const image = literalImage({ ...SMALL, blockBytes: null });
    const target = noisyTarget(54);
    await copy(image, target);
    expect(target.bytes).toEqual(contentOf(SMALL));
    const fault = new Refusal('BackupDamaged', 'its MD5 is wrong');
    const damaged: BackupImage = {
      ...image,
      async *readLive(object) {
        yield* image.readLive(object);
        throw fault;
      },
    };
    await expect(copy(damaged, noisyTarget(54))).rejects.toBe(fault);
  });

  it('tells its progress up to the last byte', async () => {
    const seen: Progress[] = [];
    await copy(literalImage(LARGE), zeroedTarget(LARGE.sizeBytes), { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ phase: 'copy', doneBytes: 0, totalBytes: 40 * MIB, bytesPerSecond: 0 });
    const done = seen.map(({ doneBytes }) => doneBytes);
    expect(done).toEqual([...done].sort((one, other) => one - other));
    expect(done.length).toBeGreaterThan(20);
    expect(seen.at(-1)).toMatchObject({ phase: 'copy', doneBytes: 40 * MIB, totalBytes: 40 * MIB });
    expect(seen.at(-1)?.bytesPerSecond).toBeGreaterThan(0);
  });

  it('tells its progress in verifying, where blocks have to be read back', async () => {
    const seen: Progress[] = [];
    await copy(literalImage(SMALL), zeroedTarget(54), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ phase: 'verify', doneBytes: 20, totalBytes: 20 });
  });

  it('lets timers and I/O of the process run meanwhile', async () => {
    class Immediate extends MemoryTarget {
      override write(offsetBytes: number, data: Uint8Array): Promise<void> {
        this.bytes.set(data, offsetBytes);
        return Promise.resolve();
      }
    }
    let turns = 0;
    let copying = true;
    const count = (): void => {
      turns += 1;
      if (copying) setImmediate(count);
    };
    setImmediate(count);
    // Some hundred milliseconds of nothing but hashing.
    const data = text('data', 4 * MIB);
    const image = literalImage({
      sizeBytes: data.length,
      blockBytes: 32,
      objects: [{ name: 'p-00001', offsetBytes: 0, data }],
      pieceBytes: 65_536,
    });
    turns = 0;
    await copy(image, new Immediate(Buffer.alloc(data.length), { isZeroed: true }));
    copying = false;
    expect(turns).toBeGreaterThan(5);
  });

  describe('with a slow target', () => {
    /** Writes end when the test says so. */
    class Stuck extends MemoryTarget {
      bytesInFlight = 0;
      mostBytesInFlight = 0;
      private letGo: () => void = () => undefined;
      private readonly goOn = new Promise<void>((resolve) => {
        this.letGo = resolve;
      });

      release(): void {
        this.letGo();
      }

      override async write(offsetBytes: number, data: Uint8Array): Promise<void> {
        this.bytesInFlight += data.length;
        this.mostBytesInFlight = Math.max(this.mostBytesInFlight, this.bytesInFlight);
        await this.goOn;
        await super.write(offsetBytes, data);
        this.bytesInFlight -= data.length;
      }
    }

    /** Copies until the reader waits for the writer. */
    async function stuckCopy(
      signal?: AbortSignal,
    ): Promise<{ target: Stuck; copied: Promise<unknown>; readBytes: number }> {
      const target = new Stuck(Buffer.alloc(LARGE.sizeBytes), { isZeroed: true });
      const image = literalImage(LARGE);
      let readBytes = 0;
      const counting: BackupImage = {
        ...image,
        async *readLive(object) {
          for await (const piece of image.readLive(object)) {
            readBytes += piece.data.length;
            yield piece;
          }
        },
      };
      const copied = copy(counting, target, signal ? { signal } : {}).catch((error: unknown) => error);
      for (let last = -1; last !== readBytes || readBytes === 0;) {
        last = readBytes;
        for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      }
      return { target, copied, readBytes };
    }

    it('reads on while writes are in flight, but not beyond some MiB', async () => {
      const { target, copied, readBytes } = await stuckCopy();
      expect(readBytes).toBeGreaterThan(4 * MIB);
      expect(readBytes).toBeLessThanOrEqual(10 * MIB);
      target.release();
      await copied;
      expect(target.mostBytesInFlight).toBeLessThanOrEqual(8 * MIB);
      expect(Buffer.compare(target.bytes, contentOf(LARGE))).toBe(0);
    });

    it('awaits the writes in flight when it is aborted, and throws the reason as it is', async () => {
      const abort = new AbortController();
      const reason = { why: 'cancelled by the test' };
      const { target, copied } = await stuckCopy(abort.signal);
      let ended = false;
      void copied.then(() => (ended = true));
      abort.abort(reason);
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      expect({ ended, bytesInFlight: target.bytesInFlight }).toEqual({ ended: false, bytesInFlight: 8 * MIB });
      target.release();
      expect(await copied).toBe(reason);
      const calls = target.calls.length;
      expect(target.bytesInFlight).toBe(0);
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      expect(target.calls).toHaveLength(calls);
    });
  });

  it('stops when a write fails, awaits the others, and throws what it was answered', async () => {
    const full = new Refusal('PoolRefused', 'Pool node1@files#fast is full.');
    class Full extends MemoryTarget {
      inFlight = 0;
      override async write(offsetBytes: number, data: Uint8Array): Promise<void> {
        this.inFlight += 1;
        await super.write(offsetBytes, data);
        this.inFlight -= 1;
        if (offsetBytes === 5 * MIB) throw full;
      }
    }
    const target = new Full(Buffer.alloc(LARGE.sizeBytes), { isZeroed: true });
    await expect(copy(literalImage(LARGE), target)).rejects.toBe(full);
    expect(target.inFlight).toBe(0);
    expect(target.calls.length).toBeLessThan(20);
  });

  it('stops at once when it is aborted while the repository does not answer', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled by the test');
    const image = literalImage(SMALL);
    const silent: BackupImage = {
      ...image,
      async *readLive(object) {
        yield* image.readLive(object);
        setImmediate(() => abort.abort(reason));
        await new Promise(() => undefined);
      },
    };
    await expect(copy(silent, zeroedTarget(54), { signal: abort.signal })).rejects.toBe(reason);
  });

  it('throws the reason also when the repository answers the abort with an error of its own', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled by the test');
    const image: BackupImage = {
      ...literalImage(SMALL),
      // eslint-disable-next-line require-yield
      async *readLive() {
        abort.abort(reason);
        throw new DOMException('The operation was aborted', 'AbortError');
      },
    };
    await expect(copy(image, zeroedTarget(54), { signal: abort.signal })).rejects.toBe(reason);
  });

  it('touches nothing when it is aborted before it begins', async () => {
    const reason = new Error('cancelled by the test');
    const target = noisyTarget(54);
    await expect(copy(literalImage(SMALL), target, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(target.calls).toEqual([]);
  });

  it('closes the object that it was reading when the copy fails', async () => {
    let open = 0;
    const recordedOf = contentOf(SMALL);
    recordedOf[0]! ^= 1;
    const image = literalImage({ ...SMALL, recordedOf });
    const counting: BackupImage = {
      ...image,
      async *readLive(object) {
        open += 1;
        try {
          yield* image.readLive(object);
        } finally {
          await new Promise(setImmediate);
          open -= 1;
        }
      },
    };
    await expect(copy(counting, zeroedTarget(54))).rejects.toMatchObject({ code: 'BackupDamaged' });
    expect(open).toBe(0);
  });

  it('restores the right bytes over what an aborted attempt left half-written', async () => {
    const abort = new AbortController();
    const target = noisyTarget(LARGE.sizeBytes);
    const onProgress = ({ doneBytes }: Progress): void => {
      if (doneBytes >= 15 * MIB) abort.abort(new Error('cancelled by the test'));
    };
    await expect(copy(literalImage(LARGE), target, { signal: abort.signal, onProgress })).rejects.toThrow('cancelled');
    expect(Buffer.compare(target.bytes, contentOf(LARGE))).not.toBe(0);
    const other: LiteralImage = { ...LARGE, objects: LARGE.objects.filter((_, index) => index !== 1) };
    await copy(literalImage(other), target);
    expect(Buffer.compare(target.bytes, contentOf(other))).toBe(0);
  });
});
