import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { LivePiece } from './backup-image';

/** Bytes of an object where they belong in the volume. */
export interface DecodedPiece {
  readonly offsetBytes: number;
  readonly data: Uint8Array;
}

/** Of an object's bytes, which come in order, those that survive in the image. */
export async function* liveOf(
  pieces: AsyncIterable<DecodedPiece>,
  { live }: { readonly live: readonly Extent[] },
): AsyncGenerator<LivePiece> {
  let nextLive = 0;
  for await (const { offsetBytes, data } of pieces) {
    const end = offsetBytes + data.length;
    for (let index = nextLive; index < live.length; index += 1) {
      const extent = live[index];
      if (!extent || extent.offsetBytes >= end) break;
      const from = Math.max(extent.offsetBytes, offsetBytes);
      const to = Math.min(endOf(extent), end);
      yield { offsetBytes: from, data: data.subarray(from - offsetBytes, to - offsetBytes), extent };
      if (to === endOf(extent)) nextLive = index + 1;
    }
  }
}
