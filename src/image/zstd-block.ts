import { CodecError } from './decoder';
import { BackwardBits, ByteReader, littleEndian } from './zstd-bytes';
import type { PrefixCode } from './zstd-bytes';
import { readHuffmanCode, readHuffmanStreams } from './zstd-huffman';
import { readSequenceCount, readSequenceTables, SequenceReader } from './zstd-sequences';
import type { RecentOffsets, SequenceTables } from './zstd-sequences';
import type { ZstdWindow } from './zstd-window';

/** RFC 8878 3.1.1.2.4: no block decodes to more. */
export const MAX_BLOCK_BYTES = 128 * 1024;

const PLAIN = 0;
const WITH_TREE = 2;

/** Decodes the compressed blocks of one frame (3.1.1.3), each of which may use again what the last one described. */
export class ZstdBlocks {
  private huffman: PrefixCode | null = null;
  private tables: SequenceTables | null = null;
  private readonly recentOffsets: RecentOffsets = { first: 1, second: 4, third: 8 };

  constructor(
    private readonly window: ZstdWindow,
    private readonly maxBytes: number,
  ) {}

  /** Appends to the window. @throws CodecError, for a block that would decode to more than it may before it does */
  decode(block: Uint8Array): void {
    const reader = new ByteReader(block);
    const literals = this.readLiterals(reader);
    this.window.makeRoom(this.maxBytes);
    this.carryOut(reader, literals);
  }

  private readLiterals(reader: ByteReader): Uint8Array {
    const first = reader.ahead()[0] ?? 0;
    const type = first & 3;
    const format = (first >> 2) & 3;
    if (type >= WITH_TREE) return this.readCompressedLiterals(reader, { type, format });
    // Sizes of 5, 12 or 20 bits; one of 5 has its lowest bit where the others have their format's highest.
    const header = littleEndian(reader.take(format === 1 ? 2 : format === 3 ? 3 : 1));
    const size = this.requireSize(format % 2 === 0 ? header >> 3 : header >> 4);
    if (type === PLAIN) return reader.take(size);
    return new Uint8Array(size).fill(reader.byte());
  }

  private readCompressedLiterals(reader: ByteReader, { type, format }: { type: number; format: number }): Uint8Array {
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const sizes = Math.floor(littleEndian(reader.take((4 + 2 * sizeBits) >> 3)) / 16);
    const literals = new Uint8Array(this.requireSize(sizes % 2 ** sizeBits));
    const compressed = new ByteReader(reader.take(Math.floor(sizes / 2 ** sizeBits)));
    if (type === WITH_TREE) this.huffman = readHuffmanCode(compressed);
    if (!this.huffman) throw new CodecError('a block refers to a Huffman tree that was not described');
    readHuffmanStreams(compressed.ahead(), literals, { code: this.huffman, count: format === 0 ? 1 : 4 });
    return literals;
  }

  private requireSize(literalBytes: number): number {
    if (literalBytes > this.maxBytes) throw new CodecError('a block is too long');
    return literalBytes;
  }

  private carryOut(reader: ByteReader, literals: Uint8Array): void {
    const { window } = this;
    const count = readSequenceCount(reader);
    const end = window.decodedBytes + this.maxBytes;
    let used = 0;
    if (count > 0) {
      this.tables = readSequenceTables(reader, this.tables);
      const bits = new BackwardBits(reader.ahead());
      const sequence = new SequenceReader(bits, this.tables, this.recentOffsets);
      for (let left = count; left > 0; left -= 1) {
        sequence.readNext();
        const { literalBytes, matchBytes } = sequence;
        if (used + literalBytes > literals.length) throw new CodecError('a block uses more literals than it has');
        if (window.decodedBytes + literalBytes + matchBytes > end) throw new CodecError('a block is too long');
        window.appendPart(literals, used, used + literalBytes);
        window.appendMatch(sequence.distance, matchBytes);
        used += literalBytes;
        if (left > 1) sequence.moveOn();
      }
      bits.requireEnd();
    } else if (reader.bytesLeft > 0) throw new CodecError('a block goes on behind its end');
    if (window.decodedBytes + literals.length - used > end) throw new CodecError('a block is too long');
    window.append(literals.subarray(used));
  }
}
