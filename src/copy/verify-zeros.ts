import { endOf } from '../domain/extent';
import { sha256 } from '../image/block-hashes';
import type { BackupImage } from '../image/backup-image';
import { blockAt, blockIndexAt, isWithin, requireRecorded } from './block-verifier';
import type { HashedBlocks } from './block-verifier';
import { damagedAt } from './damage';
import { EventLoopTurns } from './event-loop';

/** Blocks that the plan says are all zeros must be recorded as such. @throws Refusal('BackupDamaged') */
export async function verifyZeros(image: BackupImage, blocks: HashedBlocks, signal: AbortSignal): Promise<void> {
  const turns = new EventLoopTurns();
  const digests = new Map<number, Buffer>();
  const digestOf = (lengthBytes: number): Buffer => {
    const digest = digests.get(lengthBytes) ?? sha256(Buffer.alloc(lengthBytes));
    digests.set(lengthBytes, digest);
    return digest;
  };
  const compare = requireRecorded(blocks, (block, fault) => damagedAt(image, block, fault));
  for (const extent of image.plan.zeros) {
    for (let index = blockIndexAt(blocks, extent.offsetBytes); ; index += 1) {
      const block = blockAt(blocks, index);
      if (block.offsetBytes >= endOf(extent)) break;
      if (isWithin(block, extent)) compare(index, digestOf(block.lengthBytes));
      if (turns.isDue) await turns.offer();
      signal.throwIfAborted();
    }
  }
}
