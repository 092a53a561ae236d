import { verifyTarget } from '../../src/copy/verify-target';
import type { Progress } from '../../src/domain/progress';
import type { BackupImage } from '../../src/image/backup-image';
import { contentOf, literalImage } from './literal-image';
import type { LiteralImage } from './literal-image';
import { MemoryTarget } from './memory-target';

/** Live bytes at 3 to 22 and 40 to 47 of an odd size. */
const IMAGE: LiteralImage = {
  sizeBytes: 53,
  blockBytes: 16,
  objects: [
    { name: 'p-00001', offsetBytes: 3, data: Buffer.alloc(20, 'first') },
    { name: 'p-00002', offsetBytes: 38, data: Buffer.alloc(10, 'second'), live: [{ offsetBytes: 40, lengthBytes: 8 }] },
  ],
};

function targetWith(content: Buffer): MemoryTarget {
  return new MemoryTarget(Buffer.concat([content, Buffer.alloc(47)]));
}

function verify(image: BackupImage, target: MemoryTarget, signal = new AbortController().signal): Promise<unknown> {
  return verifyTarget({ image, target, signal, onProgress: () => undefined, fromDisk: false });
}

describe.each([
  ['by the hashes of its blocks', literalImage(IMAGE)],
  ['by its objects, where it has no hashes', literalImage({ ...IMAGE, blockBytes: null, pieceBytes: 7 })],
])('verifyTarget, %s', (_how, image) => {
  it('accepts a target that holds the image, and changes nothing', async () => {
    const target = targetWith(contentOf(IMAGE));
    await verify(image, target);
    expect(new Set(target.calls)).toEqual(new Set(['read']));
  });

  it('finds any one byte that differs', async () => {
    for (let at = 0; at < IMAGE.sizeBytes; at += 1) {
      const content = contentOf(IMAGE);
      content[at]! ^= 1;
      await expect(verify(image, targetWith(content))).rejects.toMatchObject({ code: 'BackupDamaged' });
    }
  });

  it('names the object whose bytes differ', async () => {
    const content = contentOf(IMAGE);
    content[44]! ^= 1;
    await expect(verify(image, targetWith(content))).rejects.toThrow(/^Backup b1 is damaged: object p-00002: /);
  });

  it('tells its progress up to the last byte', async () => {
    const seen: Progress[] = [];
    const { signal } = new AbortController();
    await verifyTarget({
      image,
      target: targetWith(contentOf(IMAGE)),
      signal,
      onProgress: (step) => seen.push(step),
      fromDisk: false,
    });
    expect(seen.at(-1)).toMatchObject({ phase: 'verify', doneBytes: 53, totalBytes: 53 });
  });

  it('stops with the reason when it is aborted', async () => {
    const reason = new Error('cancelled by the test');
    await expect(verify(image, targetWith(contentOf(IMAGE)), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('refuses a target that is smaller than the image', async () => {
    const target = new MemoryTarget(Buffer.alloc(52));
    await expect(verify(image, target)).rejects.toMatchObject({ code: 'InvalidVolume' });
  });
});
