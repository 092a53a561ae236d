import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { BackupImage } from '../image/backup-image';
import { sha256 } from '../image/block-hashes';
import type { BlockHashes } from '../image/block-hashes';

/** The blocks of an image: each has a recorded hash. */
export interface HashedBlocks {
  readonly hashes: BlockHashes;
  /** Of the image. */
  readonly sizeBytes: number;
}

/** Null where the backup has no hashes of its blocks. */
export function hashedBlocksOf({ hashes, plan }: BackupImage): HashedBlocks | null {
  return hashes && { hashes, sizeBytes: plan.sizeBytes };
}

/**
 * Hashes the blocks of an image as its bytes come by: those that lie wholly within one extent. The others, the seams, are for
 * the caller to bring together.
 */
export class BlockHasher {
  private hash: Hash | null = null;

  constructor(
    private readonly blocks: HashedBlocks,
    private readonly onBlock: (index: number, digest: Buffer) => void,
  ) {}

  /** Bytes of `extent`, which follow those of the previous call or begin the extent. Throws what `onBlock` throws. */
  add(extent: Extent, offsetBytes: number, data: Uint8Array): void {
    for (let done = 0; done < data.length;) {
      const at = offsetBytes + done;
      const index = blockIndexAt(this.blocks, at);
      const block = blockAt(this.blocks, index);
      const part = data.subarray(done, done + endOf(block) - at);
      if (isWithin(block, extent)) this.addPart(index, at, part);
      done += part.length;
    }
  }

  private addPart(index: number, offsetBytes: number, part: Uint8Array): void {
    const block = blockAt(this.blocks, index);
    if (part.length === block.lengthBytes) {
      this.onBlock(index, sha256(part));
      return;
    }
    if (offsetBytes === block.offsetBytes || !this.hash) this.hash = createHash('sha256');
    this.hash.update(part);
    if (offsetBytes + part.length === endOf(block)) this.onBlock(index, this.hash.digest());
  }
}

/** Makes the error of a block that isn't what was recorded. */
export type BlockFault = (block: Extent, fault: string) => Error;

/** For `BlockHasher`: throws what `faultAt` makes, for the first block that isn't what was recorded. */
export function requireRecorded(blocks: HashedBlocks, faultAt: BlockFault): (index: number, digest: Buffer) => void {
  return (index, digest) => {
    if (blocks.hashes.matches(index, digest)) return;
    const block = blockAt(blocks, index);
    throw faultAt(
      block,
      `SHA-256 of the block at byte ${block.offsetBytes} of the volume is ${digest.toString('hex')}, ` +
        `but ${blocks.hashes.hex(index)} was recorded`,
    );
  };
}

export function blockIndexAt({ hashes }: HashedBlocks, offsetBytes: number): number {
  return Math.floor(offsetBytes / hashes.blockBytes);
}

/** The last one may be short. */
export function blockAt({ hashes, sizeBytes }: HashedBlocks, index: number): Extent {
  const offsetBytes = index * hashes.blockBytes;
  return { offsetBytes, lengthBytes: Math.min(hashes.blockBytes, sizeBytes - offsetBytes) };
}

export function isWithin(inner: Extent, outer: Extent): boolean {
  return inner.offsetBytes >= outer.offsetBytes && endOf(inner) <= endOf(outer);
}
