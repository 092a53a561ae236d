import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { BackupImage, PlannedObject } from '../image/backup-image';
import { orAborted } from './or-aborted';

/** Bytes of the final image. Those of one extent come in order and without a gap. */
export interface LivePiece {
  readonly offsetBytes: number;
  readonly data: Uint8Array;
  /** The live extent that they are a part of. */
  readonly extent: Extent;
}

/** Decodes one object to its end, as its checks need, and gives those of its bytes that survive in the image. */
export async function* livePieces(
  image: BackupImage,
  object: PlannedObject,
  signal: AbortSignal,
): AsyncGenerator<LivePiece> {
  let offsetBytes = object.offsetBytes;
  let nextLive = 0;
  for await (const data of untilAborted(image.readObject(object, signal), signal)) {
    const end = offsetBytes + data.length;
    for (let index = nextLive; index < object.live.length; index += 1) {
      const extent = object.live[index];
      if (!extent || extent.offsetBytes >= end) break;
      const from = Math.max(extent.offsetBytes, offsetBytes);
      const to = Math.min(endOf(extent), end);
      yield { offsetBytes: from, data: data.subarray(from - offsetBytes, to - offsetBytes), extent };
      if (to === endOf(extent)) nextLive = index + 1;
    }
    offsetBytes = end;
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
