export interface ChangedExtent {
  readonly offset: number;
  readonly data: Buffer;
}

export interface Sizes {
  readonly objectBytes: number;
  readonly blockBytes: number;
}

/**
 * What a backup stores of a volume. Full (F-6): the device in pieces of the object's size. Incremental (F-7): in each piece,
 * the runs of blocks that aren't what they were at the parent's time; none goes across the border of a piece.
 */
export function changedExtents(
  parent: Buffer | undefined,
  state: Buffer,
  { objectBytes, blockBytes }: Sizes,
): ChangedExtent[] {
  const extents: ChangedExtent[] = [];
  for (let piece = 0; piece < state.length; piece += objectBytes) {
    const pieceEnd = Math.min(piece + objectBytes, state.length);
    let runStart = parent ? -1 : piece;
    for (let at = piece; parent && at < pieceEnd; at += blockBytes) {
      const end = Math.min(at + blockBytes, pieceEnd);
      const isChanged = Buffer.compare(parent.subarray(at, end), state.subarray(at, end)) !== 0;
      if (isChanged && runStart < 0) runStart = at;
      if (!isChanged && runStart >= 0) {
        extents.push({ offset: runStart, data: state.subarray(runStart, at) });
        runStart = -1;
      }
    }
    if (runStart >= 0) extents.push({ offset: runStart, data: state.subarray(runStart, pieceEnd) });
  }
  return extents;
}
