/** Bytes of a list that stand further back than this move as a whole: a call for fewer takes longer. */
const FEW_BYTES = 96;

/** The bytes of a block, those that occurred last in front. */
export class RecentBytes {
  private readonly bytes = new Uint8Array(256);
  /** The same four by four, the first in the lowest bits (all machines that node runs on but s390 are little-endian). */
  private readonly words = new Int32Array(this.bytes.buffer);

  constructor(bytes: Uint8Array) {
    this.bytes.set(bytes);
  }

  get first(): number {
    return (this.words[0] ?? 0) & 0xff;
  }

  /** Moves a byte to the front; answers which one it was. */
  take(index: number): number {
    const byte = this.bytes[index] ?? 0;
    if (index < FEW_BYTES) this.moveWords(index, byte);
    else {
      this.bytes.copyWithin(1, 0, index);
      this.bytes[0] = byte;
    }
    return byte;
  }

  /** Moves all before `index` by one, four at once, and lets `byte` in. */
  private moveWords(index: number, byte: number): void {
    const { words } = this;
    const last = index >> 2;
    let incoming = byte;
    for (let at = 0; at < last; at += 1) {
      const word = words[at] ?? 0;
      words[at] = (word << 8) | incoming;
      incoming = word >>> 24;
    }
    const word = words[last] ?? 0;
    const moved = -1 >>> (24 - 8 * (index & 3));
    words[last] = (((word << 8) | incoming) & moved) | (word & ~moved);
  }
}
