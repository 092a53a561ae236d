import { CodecError } from './decoder';

/** The longest code that bzip2 writes. */
export const MAX_CODE_BITS = 20;
/** Codes up to this length, which are nearly all, are found in one step. */
export const LOOKUP_BITS = 10;
/** An entry is a symbol, and in its lowest bits how long its code is. */
export const LENGTH_BITS = 5;
export const LENGTH_MASK = (1 << LENGTH_BITS) - 1;

/** A canonical Huffman code: the codes of one length are consecutive numbers, in the order of their symbols. */
export class HuffmanCode {
  /** By the next ten bits: an entry, or 0 for a longer code. */
  readonly lookup = new Uint16Array(1 << LOOKUP_BITS);
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

  /** The entry of a code that `lookup` doesn't know, which begins the next 20 bits. @throws CodecError */
  findLong(bits: number): number {
    for (let length = LOOKUP_BITS + 1; length <= MAX_CODE_BITS; length += 1) {
      const code = bits >>> (MAX_CODE_BITS - length);
      if (code >= (this.limits[length] ?? 0)) continue;
      return ((this.symbols[code + (this.shifts[length] ?? 0)] ?? 0) << LENGTH_BITS) | length;
    }
    throw new CodecError('it holds a word of no Huffman code');
  }

  private addToLookup(symbol: number, code: number, length: number): void {
    if (length > LOOKUP_BITS) return;
    const free = LOOKUP_BITS - length;
    this.lookup.fill((symbol << LENGTH_BITS) | length, code << free, (code + 1) << free);
  }
}
