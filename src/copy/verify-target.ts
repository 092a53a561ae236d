import type { BackupImage } from '../image/backup-image';
import { BlockHasher, hashedBlocksOf, requireRecorded } from './block-verifier';
import type { HashedBlocks } from './block-verifier';
import type { VerifyOptions, VerifyTarget } from './copy';
import { damagedAt } from './damage';
import { EventLoopTurns } from './event-loop';
import { orAborted } from './or-aborted';
import { ProgressMeter } from './progress-meter';
import { requireFits, targetPieces } from './target-pieces';

const ZEROS = Buffer.alloc(1024 ** 2);

/** What lies behind the image's end is the driver's promise, as a fresh target's zeros are to `copyImage`. */
export const verifyTarget: VerifyTarget = async (options) => {
  const { image, target, signal } = options;
  const startedMs = performance.now();
  signal.throwIfAborted();
  requireFits(image, target);
  const progress = new ProgressMeter({ phase: 'verify', totalBytes: image.plan.sizeBytes }, options.onProgress);
  const blocks = hashedBlocksOf(image);
  if (blocks) await hashBlocks(options, blocks, progress);
  else await compareWithObjects(options, progress);
  return { elapsedMs: performance.now() - startedMs };
};

async function hashBlocks(options: VerifyOptions, blocks: HashedBlocks, progress: ProgressMeter): Promise<void> {
  const { image } = options;
  const whole = { offsetBytes: 0, lengthBytes: blocks.sizeBytes };
  const hasher = new BlockHasher(
    blocks,
    requireRecorded(blocks, (block, fault) => damagedAt(image, block, fault)),
  );
  const turns = new EventLoopTurns();
  for await (const { offsetBytes, data } of targetPieces(options, whole)) {
    hasher.add(whole, offsetBytes, data);
    progress.add(data.length);
    await turns.offer();
  }
}

/** Where no block has a hash: the objects are read once more, which checks their md5, and compared byte by byte. */
async function compareWithObjects(
  { image, target, signal, fromDisk }: VerifyOptions,
  progress: ProgressMeter,
): Promise<void> {
  const turns = new EventLoopTurns();
  const compare = async (offsetBytes: number, expected: Uint8Array, found: Uint8Array): Promise<void> => {
    if (Buffer.compare(expected, found) !== 0) throw differs(image, offsetBytes, expected, found);
    progress.add(found.length);
    await turns.offer();
  };
  for (const object of image.plan.objects) {
    for await (const { offsetBytes, data } of image.readLive(object, signal)) {
      await compare(offsetBytes, data, await orAborted(target.read(offsetBytes, data.length, { fromDisk }), signal));
    }
  }
  for (const extent of image.plan.zeros) {
    for await (const { offsetBytes, data } of targetPieces({ target, signal, fromDisk }, extent)) {
      await compare(offsetBytes, ZEROS.subarray(0, data.length), data);
    }
  }
}

function differs(image: BackupImage, offsetBytes: number, expected: Uint8Array, found: Uint8Array): Error {
  const at = offsetBytes + expected.findIndex((byte, index) => byte !== found[index]);
  const fault = `byte ${at} of the volume is not what the backup holds`;
  return damagedAt(image, { offsetBytes: at, lengthBytes: 1 }, fault);
}
