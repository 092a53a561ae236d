import type { BitReader } from './bit-reader';
import { CodecError } from './decoder';
import { HuffmanCode, MAX_CODE_BITS } from './huffman';

const MAX_SELECTORS = 18_002;

/** Which bytes occur in a block at all, in ascending order. @throws CodecError */
export function readBytesInUse(reader: BitReader): Uint8Array {
  const rows = reader.read(16);
  const bytes: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = reader.read(16);
    for (let column = 0; column < 16; column += 1) {
      if ((columns & (0x8000 >> column)) !== 0) bytes.push(row * 16 + column);
    }
  }
  if (bytes.length === 0) throw new CodecError('a block uses no bytes');
  return Uint8Array.from(bytes);
}

/** The Huffman code of each group of symbols, in order. @throws CodecError */
export function readCodes(reader: BitReader, symbolCount: number): HuffmanCode[] {
  const codeCount = reader.read(3);
  if (codeCount < 2 || codeCount > 6) throw new CodecError(`a block has ${codeCount} Huffman codes`);
  const selectorCount = reader.read(15);
  const recent = Array.from({ length: codeCount }, (_, index) => index);
  const selectors: number[] = [];
  for (let index = 0; index < selectorCount; index += 1) {
    const selector = recent.splice(readUnary(reader, codeCount), 1)[0] ?? 0;
    recent.unshift(selector);
    // Encoders may round their number up; more than a block has groups are never used.
    if (index < MAX_SELECTORS) selectors.push(selector);
  }
  const codes = Array.from({ length: codeCount }, () => new HuffmanCode(readLengths(reader, symbolCount)));
  return selectors.flatMap((selector) => codes.slice(selector, selector + 1));
}

function readUnary(reader: BitReader, limit: number): number {
  let value = 0;
  while (reader.read(1) === 1) {
    value += 1;
    if (value >= limit) throw new CodecError('a block chooses a Huffman code that it does not have');
  }
  return value;
}

function readLengths(reader: BitReader, symbolCount: number): Uint8Array {
  const lengths = new Uint8Array(symbolCount);
  let length = reader.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    while (reader.read(1) === 1) length += reader.read(1) === 0 ? 1 : -1;
    if (length < 1 || length > MAX_CODE_BITS) throw new CodecError(`a Huffman code has a word of ${length} bits`);
    lengths[symbol] = length;
  }
  return lengths;
}
