import { join } from 'node:path';
import type { ObjectReader } from '../copy/copy';
import { objectReader } from '../copy/object-reader';
import { PieceSlots, SLOT_BYTES } from '../copy/piece-slots';
import type { BackupRepository } from '../drivers/backup/registry';
import type { BackupImage, PlannedObject } from '../image/backup-image';
import { projectFolder } from '../local/project-folder';
import { ReaderThread } from './reader-thread';
import type { SharedImage } from './thread-protocol';

/** While one read waits for the repository to find an object, the others of its thread go on. */
const READS_PER_THREAD = 3;
/** Pieces that each thread may have on their way to the target. */
const SLOTS_PER_READER = 12;
/** SHA-256 */
const DIGEST_BYTES = 32;
/** Less than that is read sooner than a thread has started. */
const WORTH_A_THREAD_BYTES = 8 * 1024 ** 2;

export interface ReaderPoolOptions {
  readonly repositories: readonly BackupRepository[];
  /** Objects that are read side by side. */
  readonly readers: number;
}

/** The readers of one process: in threads of their own, except for images so small that they aren't worth it. */
export function readerPool({ repositories, readers }: ReaderPoolOptions): (image: BackupImage) => ObjectReader[] {
  const threads: ReaderThread[] = [];
  const threadAt = (index: number): ReaderThread => {
    const thread = threads[index];
    if (thread?.isUsable) return thread;
    const memory = new SharedArrayBuffer(SLOTS_PER_READER * SLOT_BYTES);
    return (threads[index] = new ReaderThread(threadEntry(), { repositories, memory }));
  };
  return (image) => {
    const { objects, dataBytes } = image.plan;
    const shared = sharedImage(image);
    if (dataBytes < WORTH_A_THREAD_BYTES || !shared) return [readerHere(image)];
    const threadCount = Math.min(readers, objects.length);
    const count = Math.min(readsPerThread(objects) * threadCount, objects.length);
    return Array.from({ length: count }, (_, index) => threadAt(index % threadCount).readerOf(shared));
  };
}

/** bzip2 takes so long to decode that nobody waits for the repository, and 12 MiB a read. */
function readsPerThread(objects: readonly PlannedObject[]): number {
  return objects.some(({ codec }) => codec === 'bz2') ? 1 : READS_PER_THREAD;
}

function readerHere(image: BackupImage): ObjectReader {
  const slots = new PieceSlots(new ArrayBuffer(SLOTS_PER_READER * SLOT_BYTES));
  return objectReader({ ...image, sizeBytes: image.plan.sizeBytes }, slots);
}

/** Null where the hashes can't be shared with other threads. */
function sharedImage({ backupId, plan, hashes }: BackupImage): SharedImage | null {
  const { sizeBytes } = plan;
  if (!hashes) return { backupId, sizeBytes, hashes: null };
  const { blockBytes, shared } = hashes;
  return (
    shared && { backupId, sizeBytes, hashes: { blockBytes, packed: shared, packedBytes: hashes.count * DIGEST_BYTES } }
  );
}

/** Threads run what has been compiled, also where this file hasn't been. */
function threadEntry(): string {
  return join(projectFolder(), 'dist', 'src', 'mover', 'decode-thread.js');
}
