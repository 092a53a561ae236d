import { createHash } from 'node:crypto';
import type { Extent } from '../domain/extent';
import type { BlockHashes } from './block-hashes';
import { PIECE_BYTES } from './decoder';
import { append } from '../domain/extents';

/** Zeros of larger blocks aren't looked for: hashing one would keep the process busy, and a hostile file claims any size. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;

/** The ranges of the final image whose hashes are those of zeros. */
export function zeroExtents(hashes: BlockHashes, sizeBytes: number): Extent[] {
  const { blockBytes, count } = hashes;
  const lastIndex = count - 1;
  const lastBytes = sizeBytes - lastIndex * blockBytes;
  const zeros: Extent[] = [];
  if (Math.min(blockBytes, sizeBytes) > MAX_BLOCK_BYTES) return zeros;
  const zeroBlock = lastIndex > 0 ? sha256OfZeros(blockBytes) : Buffer.alloc(0);
  for (let index = 0; index < lastIndex; index += 1) {
    if (hashes.matches(index, zeroBlock)) append(zeros, { offsetBytes: index * blockBytes, lengthBytes: blockBytes });
  }
  if (hashes.matches(lastIndex, sha256OfZeros(lastBytes))) {
    append(zeros, { offsetBytes: lastIndex * blockBytes, lengthBytes: lastBytes });
  }
  return zeros;
}

/** In pieces: nobody knows how large a block a configuration asked for. */
function sha256OfZeros(lengthBytes: number): Buffer {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(Math.min(lengthBytes, PIECE_BYTES));
  for (let left = lengthBytes; left > 0; left -= piece.length) hash.update(piece.subarray(0, left));
  return hash.digest();
}
