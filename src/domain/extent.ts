/** A half-open range of bytes. */
export interface Extent {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A range of the image whose bytes lie, uncompressed, in a file of this machine. */
export interface LocalRange extends Extent {
  readonly path: string;
  /** Where in the file the range begins. */
  readonly pathOffsetBytes: number;
}

/** Where a range ends (exclusive). */
export function endOf(extent: Extent): number {
  return extent.offsetBytes + extent.lengthBytes;
}
