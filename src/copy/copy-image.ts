import type { Extent } from '../domain/extent';
import { lengthOf } from '../domain/extents';
import { hashedBlocksOf } from './block-verifier';
import type { CopyImage, CopyImageOptions, CopyOptions } from './copy';
import { copyObjects } from './copy-objects';
import { ProgressMeter } from './progress-meter';
import { startingPoint } from './starting-point';
import { requireFits } from './target-pieces';
import { verifySeams } from './verify-seams';
import { verifyZeros } from './verify-zeros';

/** At most so much per call, so that an abort needn't wait long where zeros have to be written out. */
const ZERO_CALL_BYTES = 64 * 1024 ** 2;

export const copyImage: CopyImage = async (options) => {
  const { image, target, signal } = options;
  const startedMs = performance.now();
  signal.throwIfAborted();
  requireFits(image, target);
  const blocks = hashedBlocksOf(image);
  if (blocks) await verifyZeros(image, blocks, signal);
  const start = await startingPoint(options);
  const zeros = zerosOf(options);
  if (!start.zerosDone) await writeZeros(options, zeros);
  const copiedBytes = await copyObjects(options, start, zeros);
  if (blocks) await verifySeams(options, blocks, start.finished);
  await target.flush();
  signal.throwIfAborted();
  return {
    dataBytes: image.plan.dataBytes,
    copiedBytes,
    zeroBytes: lengthOf(zeros),
    elapsedMs: performance.now() - startedMs,
  };
};

/** Those within the image, and the target's rest behind it. */
function zerosOf({ image: { plan }, target, keepsRest }: CopyImageOptions): Extent[] {
  const rest = { offsetBytes: plan.sizeBytes, lengthBytes: target.sizeBytes - plan.sizeBytes };
  return rest.lengthBytes > 0 && !keepsRest ? [...plan.zeros, rest] : [...plan.zeros];
}

async function writeZeros({ image, target, signal, onProgress }: CopyOptions, zeros: readonly Extent[]): Promise<void> {
  const progress = new ProgressMeter({ phase: 'copy', totalBytes: image.plan.dataBytes }, onProgress);
  for (const { offsetBytes, lengthBytes } of zeros) {
    for (let done = 0; done < lengthBytes; done += ZERO_CALL_BYTES) {
      signal.throwIfAborted();
      await target.zero(offsetBytes + done, Math.min(ZERO_CALL_BYTES, lengthBytes - done));
      // Not a byte of data, but a sign of life.
      progress.add(0);
    }
  }
}
