import { BitReader } from './bit-reader';
import { Bzip2Block } from './bzip2-block';
import { Bzip2Output } from './bzip2-output';
import { CodecError } from './decoder';
import { Spares } from './spares';

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
/** More than a block ever takes: 900,000 symbols of at most 20 bits, and its tables. */
const MAX_BLOCK_INPUT_BYTES = 2.5 * 1024 * 1024;
/** More are seldom in use at once in one thread. */
const MOST_KEPT = 3;

/**
 * bzip2 streams, decoded block by block, because 2 GB of zeros are 1.5 kB of input. The package `unbzip2-stream`
 * decodes its input at once, and runs for ever on a run length that overflows.
 */
export async function* bunzip2(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const room = spares.take();
  const { reader } = room;
  const stream = new Bzip2Stream(room);
  try {
    for await (const piece of stored) {
      reader.append(piece);
      while (reader.bytesLeft >= MAX_BLOCK_INPUT_BYTES) yield* stream.decodeNext();
    }
    while (reader.bytesLeft > 0) yield* stream.decodeNext();
    yield* stream.end();
  } finally {
    spares.keep(room);
  }
}

/** All the memory that decoding takes: of a block that is read, and of its input and its output. */
class Room {
  readonly reader = new BitReader();
  readonly block = new Bzip2Block();
  readonly output = new Bzip2Output();
}

const spares = new Spares(() => new Room(), MOST_KEPT);

/** Streams may follow one another; nothing else may follow a stream. */
class Bzip2Stream {
  /** How many bytes a block of this stream may hold; null between streams. */
  private maxBytes: number | null = null;
  private combinedCrc = 0;

  constructor(private readonly room: Room) {
    room.reader.clear();
    room.output.clear();
  }

  /** Reads a stream's header, a block, or a stream's end; yields what pieces are complete. */
  *decodeNext(): Generator<Uint8Array> {
    if (this.maxBytes === null) this.readHeader();
    else yield* this.readBlock(this.maxBytes);
  }

  *end(): Generator<Uint8Array> {
    if (this.maxBytes !== null) throw new CodecError('it ends early');
    const rest = this.room.output.takeRest();
    if (rest.length > 0) yield rest;
  }

  private readHeader(): void {
    const magic = this.room.reader.read(24);
    const level = this.room.reader.read(8) - 0x30;
    if (magic !== 0x425a68 || level < 1 || level > 9) throw new CodecError('it has no bzip2 header where one belongs');
    this.maxBytes = level * 100_000;
    this.combinedCrc = 0;
  }

  private *readBlock(maxBytes: number): Generator<Uint8Array> {
    const magic = this.room.reader.read(24) * 2 ** 24 + this.room.reader.read(24);
    const crc = this.room.reader.read(16) * 2 ** 16 + this.room.reader.read(16);
    if (magic === END_MAGIC) {
      if (crc !== this.combinedCrc) throw new CodecError(`its CRC is ${this.combinedCrc}, expected ${crc}`);
      this.room.reader.alignToByte();
      this.maxBytes = null;
      return;
    }
    if (magic !== BLOCK_MAGIC) throw new CodecError('it has no block where one belongs');
    this.room.block.read(this.room.reader, maxBytes);
    yield* this.room.output.expand(this.room.block);
    const actual = this.room.output.blockCrc();
    if (actual !== crc) throw new CodecError(`a block's CRC is ${actual}, expected ${crc}`);
    this.combinedCrc = (((this.combinedCrc << 1) | (this.combinedCrc >>> 31)) ^ crc) >>> 0;
  }
}
