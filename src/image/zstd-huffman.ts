import { CodecError } from './decoder';
import { BackwardBits, ByteReader, littleEndian, WORD_BITS } from './zstd-bytes';
import type { PrefixCode } from './zstd-bytes';
import { FseState, readFseTable } from './zstd-fse';

const MAX_CODE_BITS = 11;
const WEIGHT_LIMITS = { maxAccuracyLog: 6, maxSymbol: MAX_CODE_BITS + 1 };
const MAX_WEIGHTS = 255;

/** Reads a tree's description (4.2.1). @throws CodecError */
export function readHuffmanCode(reader: ByteReader): PrefixCode {
  const header = reader.byte();
  const weights = header < 128 ? compressedWeights(reader.take(header)) : plainWeights(reader, header - 127);
  const sum = weights.reduce((total, weight) => total + (weight > 0 ? 1 << (weight - 1) : 0), 0);
  if (sum === 0) throw new CodecError('a Huffman tree is empty');
  const codeBits = 32 - Math.clz32(sum);
  if (codeBits > MAX_CODE_BITS) throw new CodecError(`a Huffman code has words of ${codeBits} bits`);
  // The last weight isn't told: it makes the sum a power of two.
  const rest = (1 << codeBits) - sum;
  if ((rest & (rest - 1)) !== 0) throw new CodecError('a Huffman tree is not complete');
  return huffmanCode([...weights, 32 - Math.clz32(rest)], codeBits);
}

function plainWeights(reader: ByteReader, count: number): number[] {
  const bytes = reader.take((count + 1) >> 1);
  return Array.from({ length: count }, (_, index) => ((bytes[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 15);
}

/** Two states take turns until the bits are used up; then the other one has a last symbol. */
function compressedWeights(bytes: Uint8Array): number[] {
  const { table, lengthBytes } = readFseTable(bytes, WEIGHT_LIMITS);
  const bits = new BackwardBits(bytes.subarray(lengthBytes));
  let one = new FseState(table, bits);
  let other = new FseState(table, bits);
  const weights: number[] = [];
  while (bits.bitsLeft >= 0) {
    weights.push(one.symbol);
    one.next();
    [one, other] = [other, one];
    if (weights.length >= MAX_WEIGHTS) throw new CodecError('a Huffman tree has too many symbols');
  }
  return [...weights, one.symbol];
}

function huffmanCode(weights: readonly number[], codeBits: number): PrefixCode {
  const entries = new Uint16Array(1 << codeBits);
  let place = 0;
  for (let weight = 1; weight <= codeBits; weight += 1) {
    weights.forEach((own, symbol) => {
      if (own !== weight) return;
      const end = place + (1 << (weight - 1));
      entries.fill((symbol << WORD_BITS) | (codeBits + 1 - weight), place, end);
      place = end;
    });
  }
  return { codeBits, entries };
}

export interface HuffmanStreams {
  readonly code: PrefixCode;
  /** One, or four whose lengths stand in front (3.1.1.3.1.6). */
  readonly count: number;
}

/** Fills `output`. @throws CodecError */
export function readHuffmanStreams(bytes: Uint8Array, output: Uint8Array, { code, count }: HuffmanStreams): void {
  if (count === 1) {
    readStream(bytes, output, code);
    return;
  }
  const reader = new ByteReader(bytes);
  const lengths = [reader.take(2), reader.take(2), reader.take(2)].map(littleEndian);
  const part = (output.length + 3) >> 2;
  lengths.forEach((length, index) => {
    readStream(reader.take(length), output.subarray(index * part, (index + 1) * part), code);
  });
  readStream(reader.ahead(), output.subarray(3 * part), code);
}

function readStream(bytes: Uint8Array, output: Uint8Array, code: PrefixCode): void {
  const bits = new BackwardBits(bytes);
  bits.decode(output, code);
  bits.requireEnd();
}
