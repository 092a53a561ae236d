import { CodecError } from './decoder';

/** Bytes that are read from the front. */
export class ByteReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get bytesLeft(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  /** @throws CodecError at the end */
  take(count: number): Uint8Array {
    if (count > this.bytesLeft) throw new CodecError('a block ends early');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** What is left, without reading it. */
  ahead(): Uint8Array {
    return this.bytes.subarray(this.at);
  }
}

/** A number of up to six bytes, the lowest first. */
export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** By the next `codeBits` bits (at most 15): the symbol, and in the lowest four bits how many bits its own word has. */
export interface PrefixCode {
  readonly codeBits: number;
  readonly entries: Uint16Array;
}
export const WORD_BITS = 4;
const WORD_MASK = (1 << WORD_BITS) - 1;

/** Zeros on both sides of a bit stream, so that a read near its ends needs no check: that would halve the speed. */
const PADDING_BYTES = 4;
const PADDING_BITS = 8 * PADDING_BYTES;

/**
 * Bits that are read from the end of their bytes, below the highest bit that is set there (RFC 8878 4.1). Zeros stand for
 * those before the beginning, which `bitsLeft` tells by being negative.
 */
export class BackwardBits {
  bitsLeft: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw new CodecError('a bit stream has no end');
    this.bitsLeft = bytes.length * 8 - Math.clz32(last) + 23;
    const padded = new Uint8Array(bytes.length + 2 * PADDING_BYTES);
    padded.set(bytes, PADDING_BYTES);
    this.view = new DataView(padded.buffer);
  }

  /** The next `count` bits, at most 24, without reading them. */
  peek(count: number): number {
    const bit = this.bitsLeft - count + PADDING_BITS;
    if (bit < 0) return 0;
    return (this.view.getInt32(bit >> 3, true) >>> (bit & 7)) & ((1 << count) - 1);
  }

  /** At most 24 at once. */
  read(count: number): number {
    const value = this.peek(count);
    this.bitsLeft -= count;
    return value;
  }

  /** Fills `output` with symbols, as far as there are bits. */
  decode(output: Uint8Array, { codeBits, entries }: PrefixCode): void {
    const { view } = this;
    const mask = (1 << codeBits) - 1;
    let bit = this.bitsLeft + PADDING_BITS - codeBits;
    for (let at = 0; at < output.length && bit >= 0; at += 1) {
      const entry = entries[(view.getInt32(bit >> 3, true) >>> (bit & 7)) & mask] ?? 0;
      output[at] = entry >> WORD_BITS;
      bit -= entry & WORD_MASK;
    }
    this.bitsLeft = bit - PADDING_BITS + codeBits;
  }

  requireEnd(): void {
    if (this.bitsLeft !== 0) throw new CodecError('a bit stream does not end where it should');
  }
}
