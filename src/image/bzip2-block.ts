import type { BitReader } from './bit-reader';
import { readBytesInUse, readCodes } from './bzip2-codes';
import { CodecError } from './decoder';
import { LENGTH_BITS, LENGTH_MASK, LOOKUP_BITS, MAX_CODE_BITS } from './huffman';
import type { HuffmanCode } from './huffman';
import { RecentBytes } from './recent-bytes';

/** A block tells by its symbols: two make up runs, one ends it, the rest are places in the list of recent bytes. */
const RUN_B = 1;
/** Each group of so many symbols chooses its Huffman code anew. */
const GROUP_SYMBOLS = 50;
/** Calls for fewer bytes than this take longer than a loop. */
const FEW_BYTES = 32;

/** Room for a block, used again for the next one: it takes 3.6 MB. */
export class Bzip2Block {
  /** How many bytes there are, before they are run-length decoded once more. */
  length = 0;
  /** Where in `sorted` the original order begins. */
  origin = 0;
  /** In the lowest eight bits the bytes, as Burrows and Wheeler's transform has sorted them; above where the next one is. */
  sorted = new Uint32Array(0);
  /** How often each byte occurs. */
  private readonly counts = new Uint32Array(256);

  /** Reads a block of at most `maxBytes`, from behind its magic number and checksum. @throws CodecError */
  read(reader: BitReader, maxBytes: number): void {
    if (this.sorted.length !== maxBytes) this.sorted = new Uint32Array(maxBytes);
    if (reader.read(1) === 1) throw new CodecError('it is of an obsolete version');
    this.origin = reader.read(24);
    const bytesInUse = readBytesInUse(reader);
    const codes = readCodes(reader, bytesInUse.length + 2);
    this.length = 0;
    this.counts.fill(0);
    this.readSymbols(reader, { codes, recent: new RecentBytes(bytesInUse), endOfBlock: bytesInUse.length + 1 });
    if (this.origin >= this.length) {
      throw new CodecError(`a block of ${this.length} bytes begins at its byte ${this.origin}`);
    }
    this.link();
  }

  /** Undoes Huffman, run lengths and move-to-front. One loop with all in local variables: it is half of the work. */
  private readSymbols(
    reader: BitReader,
    { codes, recent, endOfBlock }: { codes: readonly HuffmanCode[]; recent: RecentBytes; endOfBlock: number },
  ): void {
    const { sorted, counts } = this;
    const { view } = reader;
    const maxBytes = sorted.length;
    let { position } = reader;
    let length = 0;
    let run = 0;
    let runWeight = 1;
    for (const code of codes) {
      const { lookup } = code;
      for (let left = GROUP_SYMBOLS; left > 0; left -= 1) {
        const bits = view.getInt32(position >> 3) << (position & 7);
        let entry = lookup[bits >>> (32 - LOOKUP_BITS)] ?? 0;
        if (entry === 0) entry = code.findLong(bits >>> (32 - MAX_CODE_BITS));
        position += entry & LENGTH_MASK;
        const symbol = entry >> LENGTH_BITS;
        if (symbol <= RUN_B) {
          run += runWeight << symbol;
          runWeight *= 2;
          if (run > maxBytes - length) throw new CodecError('a block is too long');
          continue;
        }
        if (run > 0) {
          const byte = recent.first;
          fill(sorted, byte, length, run);
          counts[byte] = (counts[byte] ?? 0) + run;
          length += run;
          run = 0;
          runWeight = 1;
        }
        if (symbol === endOfBlock) {
          this.length = length;
          reader.position = position;
          reader.requireNotPastEnd();
          return;
        }
        if (length === maxBytes) throw new CodecError('a block is too long');
        const byte = recent.take(symbol - 1);
        counts[byte] = (counts[byte] ?? 0) + 1;
        sorted[length] = byte;
        length += 1;
      }
      reader.position = position;
      reader.requireNotPastEnd();
    }
    throw new CodecError('a block has no end');
  }

  /** Puts into the upper bits of each place where the byte behind it stands. */
  private link(): void {
    const { sorted, counts, length } = this;
    let place = 0;
    const next = counts.map((count) => {
      place += count;
      return place - count;
    });
    for (let index = 0; index < length; index += 1) {
      const byte = (sorted[index] ?? 0) & 0xff;
      const to = next[byte] ?? 0;
      next[byte] = to + 1;
      sorted[to] = (sorted[to] ?? 0) | (index << 8);
    }
  }
}

function fill(sorted: Uint32Array, byte: number, from: number, count: number): void {
  if (count >= FEW_BYTES) sorted.fill(byte, from, from + count);
  else for (let index = from; index < from + count; index += 1) sorted[index] = byte;
}
