import { BitReader } from './bit-reader';
import { decodeBlock } from './bzip2-block';
import { Bzip2Output } from './bzip2-output';
import { CodecError } from './decoder';

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
/** More than a block ever takes: 900,000 symbols of at most 20 bits, and its tables. */
const MAX_BLOCK_INPUT_BYTES = 2.5 * 1024 * 1024;

/**
 * bzip2 streams, decoded block by block, because 2 GB of zeros are 1.5 kB of input. A block usually holds 0.9 MB, and at
 * most 46 MB (if they are all the same byte). The package `unbzip2-stream` decodes its input at
 * once, and runs for ever on a run length that overflows.
 */
export async function* bunzip2(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new BitReader();
  const stream = new Bzip2Stream(reader);
  for await (const piece of stored) {
    reader.append(piece);
    while (reader.bytesLeft >= MAX_BLOCK_INPUT_BYTES) yield* stream.decodeNext();
  }
  while (reader.bytesLeft > 0) yield* stream.decodeNext();
  yield* stream.end();
}

/** Streams may follow one another; nothing else may follow a stream. */
class Bzip2Stream {
  private readonly output = new Bzip2Output();
  /** Kept from stream to stream: an empty one takes 14 bytes, and room for a block 3.6 MB. */
  private room = new Uint32Array(0);
  /** The part of it that a block of this stream may take; null between streams. */
  private sorted: Uint32Array | null = null;
  private combinedCrc = 0;

  constructor(private readonly reader: BitReader) {}

  /** Reads a stream's header, a block, or a stream's end; answers what pieces are complete. */
  decodeNext(): Uint8Array[] {
    if (!this.sorted) this.readHeader();
    else if (!this.readBlock(this.sorted)) this.sorted = null;
    return this.output.takeFullPieces();
  }

  end(): Uint8Array[] {
    if (this.sorted) throw new CodecError('it ends early');
    const rest = this.output.takeRest();
    return rest.length > 0 ? [rest] : [];
  }

  private readHeader(): void {
    const magic = this.reader.read(24);
    const level = this.reader.read(8) - 0x30;
    if (magic !== 0x425a68 || level < 1 || level > 9) throw new CodecError('it has no bzip2 header where one belongs');
    const blockBytes = level * 100_000;
    if (this.room.length < blockBytes) this.room = new Uint32Array(blockBytes);
    this.sorted = this.room.subarray(0, blockBytes);
    this.combinedCrc = 0;
  }

  /** False at the stream's end. */
  private readBlock(sorted: Uint32Array): boolean {
    const magic = this.reader.read(24) * 2 ** 24 + this.reader.read(24);
    const crc = this.readCrc();
    if (magic === END_MAGIC) {
      if (crc !== this.combinedCrc) throw new CodecError(`its CRC is ${this.combinedCrc}, expected ${crc}`);
      this.reader.alignToByte();
      return false;
    }
    if (magic !== BLOCK_MAGIC) throw new CodecError('it has no block where one belongs');
    decodeBlock(this.reader, sorted, this.output);
    const actual = this.output.blockCrc();
    if (actual !== crc) throw new CodecError(`a block's CRC is ${actual}, expected ${crc}`);
    this.combinedCrc = (((this.combinedCrc << 1) | (this.combinedCrc >>> 31)) ^ crc) >>> 0;
    return true;
  }

  private readCrc(): number {
    return this.reader.read(16) * 2 ** 16 + this.reader.read(16);
  }
}
