import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import { lengthOf } from '../domain/extents';
import type { BackupImage } from '../image/backup-image';
import { blockAt, BlockHasher, blockIndexAt, isWithin, requireRecorded } from './block-verifier';
import type { HashedBlocks } from './block-verifier';
import type { CopyOptions } from './copy';
import { damagedAt } from './damage';
import { ProgressMeter } from './progress-meter';
import { targetPieces } from './target-pieces';

/**
 * Blocks that came in parts from several places are read back from the target.
 * @param finishedBefore what an earlier attempt had copied: its borders are seams too
 */
export async function verifySeams(
  { image, target, signal, onProgress }: CopyOptions,
  blocks: HashedBlocks,
  finishedBefore: readonly Extent[],
): Promise<void> {
  const seams = seamsOf(blocks, extentsOf(image, finishedBefore));
  if (seams.length === 0) return;
  const progress = new ProgressMeter({ phase: 'verify', totalBytes: lengthOf(seams) }, onProgress);
  const hasher = new BlockHasher(
    blocks,
    requireRecorded(blocks, (block, fault) => damagedAt(image, block, fault)),
  );
  for (const seam of seams) {
    for await (const { offsetBytes, data } of targetPieces({ target, signal }, seam)) {
      hasher.add(seam, offsetBytes, data);
      progress.add(data.length);
    }
  }
}

function* extentsOf({ plan }: BackupImage, finishedBefore: readonly Extent[]): Generator<Extent> {
  for (const { live } of plan.objects) yield* live;
  yield* plan.zeros;
  yield* finishedBefore;
}

/** The blocks that lie in one of the extents in part: ascending. */
function seamsOf(blocks: HashedBlocks, extents: Iterable<Extent>): Extent[] {
  const found = new Set<number>();
  for (const extent of extents) {
    for (const index of [blockIndexAt(blocks, extent.offsetBytes), blockIndexAt(blocks, endOf(extent) - 1)]) {
      const block = blockAt(blocks, index);
      // A finished range may go on in the zeros behind the image.
      if (block.lengthBytes > 0 && !isWithin(block, extent)) found.add(index);
    }
  }
  return [...found].sort((one, other) => one - other).map((index) => blockAt(blocks, index));
}
