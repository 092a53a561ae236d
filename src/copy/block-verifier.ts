import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { BackupImage } from '../image/backup-image';
import { sha256 } from '../image/block-hashes';
import type { BlockHashes } from '../image/block-hashes';
import { damagedAt } from './damage';
import { EventLoopTurns } from './event-loop';

/**
 * Checks the blocks of the final image against their recorded hashes as the image's bytes come by. A block that lies
 * wholly within one extent is checked there; the others, the seams, are for the caller to bring together.
 */
export class BlockVerifier {
  private hash: Hash | null = null;
  private readonly zeroDigests = new Map<number, Buffer>();

  constructor(
    private readonly image: BackupImage,
    private readonly hashes: BlockHashes,
  ) {}

  /**
   * Bytes of `extent`, which follow those of the previous call or begin the extent.
   * @throws Refusal('BackupDamaged') at the end of the first block that isn't what was recorded
   */
  check(extent: Extent, offsetBytes: number, data: Uint8Array): void {
    for (let done = 0; done < data.length;) {
      const at = offsetBytes + done;
      const index = this.indexAt(at);
      const block = this.block(index);
      const part = data.subarray(done, done + endOf(block) - at);
      if (isWithin(block, extent)) this.checkPart(index, at, part);
      done += part.length;
    }
  }

  /** Blocks that the plan says are all zeros must be recorded as such. @throws Refusal('BackupDamaged') */
  async checkZeros(signal: AbortSignal): Promise<void> {
    const turns = new EventLoopTurns();
    for (const extent of this.image.plan.zeros) {
      for (let index = this.indexAt(extent.offsetBytes); ; index += 1) {
        const block = this.block(index);
        if (block.offsetBytes >= endOf(extent)) break;
        if (isWithin(block, extent)) this.compare(index, this.zeroDigest(block.lengthBytes));
        await turns.offer();
        signal.throwIfAborted();
      }
    }
  }

  /** The blocks that lie in more than one extent, ascending. */
  seams(): Extent[] {
    const { objects, zeros } = this.image.plan;
    const found = new Set<number>();
    for (const extent of [...objects.flatMap(({ live }) => live), ...zeros]) {
      for (const index of [this.indexAt(extent.offsetBytes), this.indexAt(endOf(extent) - 1)]) {
        if (!isWithin(this.block(index), extent)) found.add(index);
      }
    }
    return [...found].sort((one, other) => one - other).map((index) => this.block(index));
  }

  private checkPart(index: number, offsetBytes: number, part: Uint8Array): void {
    const block = this.block(index);
    if (part.length === block.lengthBytes) {
      this.compare(index, sha256(part));
      return;
    }
    if (offsetBytes === block.offsetBytes || !this.hash) this.hash = createHash('sha256');
    this.hash.update(part);
    if (offsetBytes + part.length === endOf(block)) this.compare(index, this.hash.digest());
  }

  private compare(index: number, digest: Buffer): void {
    if (this.hashes.matches(index, digest)) return;
    const block = this.block(index);
    throw damagedAt(
      this.image,
      block,
      `SHA-256 of the block at byte ${block.offsetBytes} of the volume is ${digest.toString('hex')}, ` +
        `but ${this.hashes.hex(index)} was recorded`,
    );
  }

  private zeroDigest(lengthBytes: number): Buffer {
    const digest = this.zeroDigests.get(lengthBytes) ?? sha256(Buffer.alloc(lengthBytes));
    this.zeroDigests.set(lengthBytes, digest);
    return digest;
  }

  private indexAt(offsetBytes: number): number {
    return Math.floor(offsetBytes / this.hashes.blockBytes);
  }

  /** The last one may be short. */
  private block(index: number): Extent {
    const offsetBytes = index * this.hashes.blockBytes;
    return { offsetBytes, lengthBytes: Math.min(this.hashes.blockBytes, this.image.plan.sizeBytes - offsetBytes) };
  }
}

function isWithin(inner: Extent, outer: Extent): boolean {
  return inner.offsetBytes >= outer.offsetBytes && endOf(inner) <= endOf(outer);
}
