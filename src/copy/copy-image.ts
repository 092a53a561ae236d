import type { Extent } from '../domain/extent';
import type { BackupImage } from '../image/backup-image';
import { BlockVerifier } from './block-verifier';
import type { CopyImage, CopyOptions } from './copy';
import { EventLoopTurns } from './event-loop';
import { livePieces } from './live-pieces';
import { ProgressMeter } from './progress-meter';
import { requireFits, targetPieces } from './target-pieces';
import { WriteBehind } from './write-behind';

/** At most so much per call, so that an abort needn't wait long where zeros have to be written out. */
const ZERO_CALL_BYTES = 64 * 1024 ** 2;

export const copyImage: CopyImage = async (options) => {
  const { image, target, signal } = options;
  const startedMs = performance.now();
  signal.throwIfAborted();
  requireFits(image, target);
  // Without hashes, the image itself has checked each object's md5 by the end of its stream.
  const verifier = image.hashes ? new BlockVerifier(image, image.hashes) : null;
  await verifier?.checkZeros(signal);
  const progress = new ProgressMeter({ phase: 'copy', totalBytes: image.plan.dataBytes }, options.onProgress);
  const zeros = zerosOf(image, target.sizeBytes);
  if (!target.isZeroed) await writeZeros(options, zeros, progress);
  await copyObjects(options, verifier, progress);
  if (verifier) await verifySeams(options, verifier);
  await target.flush();
  signal.throwIfAborted();
  return {
    dataBytes: image.plan.dataBytes,
    zeroBytes: zeros.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    elapsedMs: performance.now() - startedMs,
  };
};

/** Those within the image, and the target's rest behind it. */
function zerosOf({ plan }: BackupImage, targetBytes: number): Extent[] {
  const rest = { offsetBytes: plan.sizeBytes, lengthBytes: targetBytes - plan.sizeBytes };
  return rest.lengthBytes > 0 ? [...plan.zeros, rest] : [...plan.zeros];
}

async function writeZeros(
  { target, signal }: CopyOptions,
  zeros: readonly Extent[],
  progress: ProgressMeter,
): Promise<void> {
  for (const { offsetBytes, lengthBytes } of zeros) {
    for (let done = 0; done < lengthBytes; done += ZERO_CALL_BYTES) {
      signal.throwIfAborted();
      await target.zero(offsetBytes + done, Math.min(ZERO_CALL_BYTES, lengthBytes - done));
      // Not a byte of data, but a sign of life.
      progress.add(0);
    }
  }
}

async function copyObjects(
  { image, target, signal }: CopyOptions,
  verifier: BlockVerifier | null,
  progress: ProgressMeter,
): Promise<void> {
  const turns = new EventLoopTurns();
  const writes = new WriteBehind(target, signal, (bytes) => progress.add(bytes));
  try {
    for (const object of image.plan.objects) {
      for await (const { extent, offsetBytes, data } of livePieces(image, object, signal)) {
        verifier?.check(extent, offsetBytes, data);
        await writes.write(offsetBytes, data);
        await turns.offer();
        signal.throwIfAborted();
      }
    }
    await writes.finish();
    signal.throwIfAborted();
  } finally {
    // The target is the caller's again, also after a failure: nothing may be written behind his back.
    await writes.settle();
  }
}

/** Blocks that came in parts from several places are read back from the target. */
async function verifySeams({ target, signal, onProgress }: CopyOptions, verifier: BlockVerifier): Promise<void> {
  const seams = verifier.seams();
  if (seams.length === 0) return;
  const totalBytes = seams.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  const progress = new ProgressMeter({ phase: 'verify', totalBytes }, onProgress);
  for (const seam of seams) {
    for await (const { offsetBytes, data } of targetPieces(target, seam, signal)) {
      verifier.check(seam, offsetBytes, data);
      progress.add(data.length);
    }
  }
}
