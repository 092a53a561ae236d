import type { BitReader } from './bit-reader';
import { CodecError } from './decoder';

/** The longest code that bzip2 writes. */
export const MAX_CODE_BITS = 20;
/** Codes up to this length, which are nearly all, are found in one step. */
const LOOKUP_BITS = 10;
const LENGTH_BITS = 5;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;

/** A canonical Huffman code: the codes of one length are consecutive numbers, in the order of their symbols. */
export class HuffmanCode {
  /** By the next ten bits: symbol and length in one number, or 0 for a longer code. */
  private readonly lookup = new Uint16Array(1 << LOOKUP_BITS);
  private readonly symbols: number[] = [];
  /** By length: the first code that is too large for it, and what turns a code into an index of `symbols`. */
  private readonly limits = new Int32Array(MAX_CODE_BITS + 1);
  private readonly shifts = new Int32Array(MAX_CODE_BITS + 1);

  /** @param lengths of the code of each symbol, in bits. */
  constructor(lengths: Uint8Array) {
    let code = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length += 1) {
      code *= 2;
      this.shifts[length] = this.symbols.length - code;
      for (let symbol = 0; symbol < lengths.length; symbol += 1) {
        if (lengths[symbol] !== length) continue;
        this.addToLookup(symbol, code, length);
        this.symbols.push(symbol);
        code += 1;
      }
      if (code > 2 ** length) throw new CodecError('a Huffman code has too many words');
      this.limits[length] = code;
    }
  }

  /** Reads one symbol. The caller checks now and then that the input hasn't ended. */
  read(reader: BitReader): number {
    const bits = reader.peek(MAX_CODE_BITS);
    const entry = this.lookup[bits >>> (MAX_CODE_BITS - LOOKUP_BITS)] ?? 0;
    if (entry === 0) return this.readLong(reader, bits);
    reader.skip(entry & LENGTH_MASK);
    return entry >>> LENGTH_BITS;
  }

  private readLong(reader: BitReader, bits: number): number {
    for (let length = LOOKUP_BITS + 1; length <= MAX_CODE_BITS; length += 1) {
      const code = bits >>> (MAX_CODE_BITS - length);
      if (code >= (this.limits[length] ?? 0)) continue;
      reader.skip(length);
      return this.symbols[code + (this.shifts[length] ?? 0)] ?? 0;
    }
    throw new CodecError('it holds a word of no Huffman code');
  }

  private addToLookup(symbol: number, code: number, length: number): void {
    if (length > LOOKUP_BITS) return;
    const free = LOOKUP_BITS - length;
    this.lookup.fill((symbol << LENGTH_BITS) | length, code << free, (code + 1) << free);
  }
}
