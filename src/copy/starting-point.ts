import type { Extent } from '../domain/extent';
import { BlockHasher, blockAt, hashedBlocksOf } from './block-verifier';
import type { HashedBlocks } from './block-verifier';
import type { CopyImageOptions } from './copy';
import { EventLoopTurns } from './event-loop';
import { FinishedRanges } from './finished-ranges';
import { ProgressMeter } from './progress-meter';
import { targetPieces } from './target-pieces';

/** What of the copy is there already. */
export interface StartingPoint {
  readonly zerosDone: boolean;
  /** Bytes from objects that are on the target already: ascending, and zeros between them may count too. */
  readonly finished: readonly Extent[];
  /** Whether the rest of the target may hold right bytes, which needn't be written once more. */
  readonly compares: boolean;
}

/**
 * Where this attempt begins. A checkpoint counts for the data that it was written of, as long as the machine has not been booted
 * since; otherwise only what lies on the target counts: block by block where the image has hashes, and where it has none, byte by
 * byte as its objects are read.
 */
export async function startingPoint(options: CopyImageOptions): Promise<StartingPoint> {
  const { image, target, checkpoint } = options;
  if (target.isZeroed) return { zerosDone: true, finished: [], compares: false };
  const compares = image.hashes === null;
  if (checkpoint?.target === target.identity && checkpoint.bootId === target.bootId) return { ...checkpoint, compares };
  const blocks = hashedBlocksOf(image);
  const finished = blocks ? await rightBlocks(options, blocks) : [];
  return { zerosDone: false, finished, compares };
}

/** Of the blocks that come from one object each, those that the target holds already. */
async function rightBlocks(options: CopyImageOptions, blocks: HashedBlocks): Promise<Extent[]> {
  const { image, target, signal, onProgress } = options;
  const progress = new ProgressMeter({ phase: 'resume', totalBytes: image.plan.dataBytes }, onProgress);
  const right = new FinishedRanges([]);
  const hasher = new BlockHasher(blocks, (index, digest) => {
    if (blocks.hashes.matches(index, digest)) right.add(blockAt(blocks, index));
  });
  const turns = new EventLoopTurns();
  for (const extent of image.plan.objects.flatMap(({ live }) => live)) {
    for await (const { offsetBytes, data } of targetPieces({ target, signal }, extent)) {
      hasher.add(extent, offsetBytes, data);
      progress.add(data.length);
      await turns.offer();
    }
  }
  return right.list();
}
