import { PIECE_BYTES } from './decoder';

/** bzip2's CRC-32: that of zlib with the bits the other way round. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** After so many equal bytes the next one says how often it is repeated. */
const RUN_BEFORE_COUNT = 4;

/** The decoded bytes, collected in pieces, with the checksum of the block at hand. */
export class Bzip2Output {
  private piece = Buffer.allocUnsafe(PIECE_BYTES);
  private length = 0;
  private full: Uint8Array[] = [];
  private crc = 0;

  /** Follows a block's bytes through their original order, and undoes the run lengths that its encoder began with. */
  unsort(sorted: Uint32Array, { length, origin }: { length: number; origin: number }): void {
    this.crc = -1;
    let entry = sorted[origin] ?? 0;
    let previous = -1;
    let run = 0;
    for (let left = length; left > 0; left -= 1) {
      entry = sorted[entry >>> 8] ?? 0;
      const byte = entry & 0xff;
      if (run === RUN_BEFORE_COUNT) {
        for (let copies = byte; copies > 0; copies -= 1) this.put(previous);
        run = 0;
        previous = -1;
        continue;
      }
      run = byte === previous ? run + 1 : 1;
      previous = byte;
      this.put(byte);
    }
  }

  /** The checksum of the block that was unsorted last. */
  blockCrc(): number {
    return ~this.crc >>> 0;
  }

  takeFullPieces(): Uint8Array[] {
    const taken = this.full;
    this.full = [];
    return taken;
  }

  takeRest(): Uint8Array {
    const rest = this.piece.subarray(0, this.length);
    this.startPiece();
    return rest;
  }

  private put(byte: number): void {
    this.piece[this.length] = byte;
    this.length += 1;
    this.crc = (this.crc << 8) ^ (CRC_TABLE[((this.crc >>> 24) ^ byte) & 0xff] ?? 0);
    if (this.length < PIECE_BYTES) return;
    this.full.push(this.piece);
    this.startPiece();
  }

  private startPiece(): void {
    this.piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.length = 0;
  }
}
