/**
 * A raw volume opened for writing, by one writer at a time. Offsets and lengths are bytes from the volume's start; a call
 * outside `[0, sizeBytes)` is an error. Calls on ranges that don't overlap may run side by side.
 */
export interface VolumeTarget {
  readonly sizeBytes: number;
  /** Whether, at the time of opening, every byte was known to read zero, so that zeros need not be written. */
  readonly isZeroed: boolean;
  /** Names this data: a volume that was removed and made again has another. */
  readonly identity: string;
  /** Names the time since when nothing that was flushed can have been lost: the boot of the machine that holds the data. */
  readonly bootId: string;
  write(offsetBytes: number, data: Uint8Array): Promise<void>;
  /** Makes the range read zero, releasing its space where the backend can. */
  zero(offsetBytes: number, lengthBytes: number): Promise<void>;
  /** `fromDisk`: past the caches of this machine where the backend can; of bytes that have been flushed. */
  read(offsetBytes: number, lengthBytes: number, options?: { readonly fromDisk: boolean }): Promise<Uint8Array>;
  /** Returns when everything written so far would survive a loss of power. */
  flush(): Promise<void>;
  /**
   * What it holds is what it shall hold: on record once it is closed. Its `identity` is another one from then on, since its owner may
   * change what it holds.
   */
  markWhole(): void;
  /** Awaits every call in flight, then gives the volume free for the next writer. Safe to call twice. */
  close(): Promise<void>;
}
