import type { BackupImage, PlannedObject } from '../image/backup-image';
import type { BlockHashes } from '../image/block-hashes';
import { BlockHasher, requireRecorded } from './block-verifier';
import type { ObjectReader, ReadPiece } from './copy';
import { faultOfObject } from './damage';
import { EventLoopTurns } from './event-loop';
import { orAborted } from './or-aborted';
import type { PieceSlots } from './piece-slots';

/** What of an image the reading of its objects needs: little enough to be handed to another thread. */
export interface ImageObjects {
  readonly backupId: string;
  readonly sizeBytes: number;
  readonly hashes: BlockHashes | null;
  readonly readLive: BackupImage['readLive'];
}

/** Reads, decodes and verifies in this thread. */
export function objectReader(image: ImageObjects, slots: PieceSlots): ObjectReader {
  return { read: (object, signal) => read({ image, slots }, object, signal) };
}

async function* read(
  { image, slots }: { image: ImageObjects; slots: PieceSlots },
  object: PlannedObject,
  signal: AbortSignal,
): AsyncGenerator<ReadPiece> {
  const { hashes, sizeBytes, backupId } = image;
  // Without hashes, the image itself checks the object's md5 by the end of its stream.
  const blocks = hashes && { hashes, sizeBytes };
  const faultAt = faultOfObject(backupId, object.name);
  const verifier = blocks && new BlockHasher(blocks, requireRecorded(blocks, faultAt));
  const turns = new EventLoopTurns();
  let slot = await slots.take(signal);
  try {
    for await (const { extent, offsetBytes, data } of untilAborted(image.readLive(object, signal), signal)) {
      verifier?.add(extent, offsetBytes, data);
      for (let done = 0; done < data.length;) {
        done += slot.add(offsetBytes + done, data.subarray(done));
        if (!slot.isFull) continue;
        yield slot.piece();
        slot = await slots.take(signal);
      }
      await turns.offer();
      signal.throwIfAborted();
    }
    if (!slot.isEmpty) yield slot.piece();
  } finally {
    slot.giveBackUnused();
  }
}

async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (let next = await orAborted(iterator.next(), signal); next.done !== true;) {
      yield next.value;
      next = await orAborted(iterator.next(), signal);
    }
  } finally {
    const closed = iterator.return?.();
    // Aborted, the source may be stuck; how it ends is nobody's business any more.
    if (signal.aborted) closed?.catch(() => undefined);
    else await closed;
  }
}
