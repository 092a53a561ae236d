import type { Bzip2Block } from './bzip2-block';
import { bzip2Crc } from './bzip2-crc';
import { PIECE_BYTES } from './decoder';

/** After so many equal bytes the next one says how often it is repeated. */
const RUN_BEFORE_COUNT = 4;
/** A piece that is longer than this has no room for the longest repetition. */
const MAX_LENGTH = PIECE_BYTES - 255;

/** The decoded bytes; those of several blocks make up a piece. */
export class Bzip2Output {
  private readonly piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  private length = 0;
  /** Up to where the checksum covers the piece. */
  private checked = 0;
  private crc = 0;
  /** Where in the block's `sorted` the next byte stands is told by the last one's entry. */
  private entry = 0;
  private left = 0;
  private previous = -1;
  private run = 0;

  /** Forgets what nobody has taken. */
  clear(): void {
    this.length = 0;
    this.checked = 0;
  }

  /** Takes a block and yields the pieces that are full, all in the same memory: it may hold 46 MB, if they are all the same byte. */
  *expand({ sorted, length, origin }: Bzip2Block): Generator<Uint8Array> {
    this.crc = 0;
    this.previous = -1;
    this.run = 0;
    this.entry = sorted[origin] ?? 0;
    this.left = length;
    while (this.left > 0) {
      this.expandPart(sorted);
      if (this.length > MAX_LENGTH) yield this.takePiece();
    }
    this.updateCrc();
  }

  /** The checksum of the block that was expanded last. */
  blockCrc(): number {
    return this.crc;
  }

  /** What is left when there are no more blocks. */
  takeRest(): Uint8Array {
    return this.piece.subarray(0, this.length);
  }

  /**
   * Follows a block's bytes through their original order, and undoes the run lengths that its encoder began with, as far
   * as the piece has room. Both at once, because each step has to wait for the memory to tell where the next one leads.
   */
  private expandPart(sorted: Uint32Array): void {
    const { piece } = this;
    let { entry, left, previous, run, length } = this;
    for (; left > 0 && length <= MAX_LENGTH; left -= 1) {
      entry = sorted[entry >>> 8] ?? 0;
      const byte = entry & 0xff;
      if (run === RUN_BEFORE_COUNT) {
        piece.fill(previous, length, length + byte);
        length += byte;
        run = 0;
        previous = -1;
        continue;
      }
      run = byte === previous ? run + 1 : 1;
      previous = byte;
      piece[length] = byte;
      length += 1;
    }
    Object.assign(this, { entry, left, previous, run, length });
  }

  private takePiece(): Uint8Array {
    this.updateCrc();
    const full = this.piece.subarray(0, this.length);
    this.length = 0;
    this.checked = 0;
    return full;
  }

  private updateCrc(): void {
    this.crc = bzip2Crc(this.piece.subarray(this.checked, this.length), this.crc);
    this.checked = this.length;
  }
}
