import type { BitReader } from './bit-reader';
import type { Bzip2Output } from './bzip2-output';
import { CodecError } from './decoder';
import { HuffmanCode, MAX_CODE_BITS } from './huffman';

/** A block tells by its symbols: two make up runs, one ends it, the rest are places in the list of recent bytes. */
const RUN_A = 0;
const RUN_B = 1;
/** Each group of so many symbols chooses its Huffman code anew. */
const GROUP_SYMBOLS = 50;
const MAX_SELECTORS = 18_002;

/**
 * Decodes one block, from behind its magic number and checksum, into `output`.
 * @param sorted room for the block's bytes before they are run-length encoded once more; its length is the most they may be.
 * @throws CodecError
 */
export function decodeBlock(reader: BitReader, sorted: Uint32Array, output: Bzip2Output): void {
  if (reader.read(1) === 1) throw new CodecError('it is of an obsolete version');
  const origin = reader.read(24);
  const bytesInUse = readBytesInUse(reader);
  const codes = readSelectorsAndCodes(reader, bytesInUse.length + 2);
  const length = readSorted(reader, { codes, recent: bytesInUse, sorted });
  if (origin >= length) throw new CodecError(`a block of ${length} bytes begins at its byte ${origin}`);
  linkSorted(sorted, length);
  output.unsort(sorted, { length, origin });
}

/** Which bytes occur at all, in ascending order. */
function readBytesInUse(reader: BitReader): Uint8Array {
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

/** The Huffman code of each group of symbols, in order. */
function readSelectorsAndCodes(reader: BitReader, symbolCount: number): HuffmanCode[] {
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

interface Symbols {
  readonly codes: readonly HuffmanCode[];
  /** The bytes in use, those that occurred last in front. */
  readonly recent: Uint8Array;
  readonly sorted: Uint32Array;
}

/** Undoes Huffman, run lengths and move-to-front; answers how many bytes there are. */
function readSorted(reader: BitReader, { codes, recent, sorted }: Symbols): number {
  const endOfBlock = recent.length + 1;
  let length = 0;
  let run = 0;
  let runWeight = 1;
  const endRun = (): void => {
    if (run > sorted.length - length) throw new CodecError('a block is too long');
    sorted.fill(recent[0] ?? 0, length, length + run);
    length += run;
    run = 0;
    runWeight = 1;
  };
  for (const code of codes) {
    for (let left = GROUP_SYMBOLS; left > 0; left -= 1) {
      const symbol = code.read(reader);
      if (symbol === RUN_A || symbol === RUN_B) {
        // Weights double with each symbol; a run beyond the block's room needs no exact length.
        run = Math.min(run + runWeight * (symbol + 1), sorted.length + 1);
        runWeight *= 2;
        continue;
      }
      endRun();
      if (symbol === endOfBlock) {
        reader.requireNotPastEnd();
        return length;
      }
      if (length === sorted.length) throw new CodecError('a block is too long');
      sorted[length] = moveToFront(recent, symbol - 1);
      length += 1;
    }
    reader.requireNotPastEnd();
  }
  throw new CodecError('a block has no end');
}

function moveToFront(recent: Uint8Array, index: number): number {
  const byte = recent[index] ?? 0;
  recent.copyWithin(1, 0, index);
  recent[0] = byte;
  return byte;
}

/** Undoes Burrows and Wheeler's transform: puts into the upper bits of each place where the byte behind it stands. */
function linkSorted(sorted: Uint32Array, length: number): void {
  const counts = new Uint32Array(256);
  for (let index = 0; index < length; index += 1) {
    const byte = (sorted[index] ?? 0) & 0xff;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const next = new Uint32Array(256);
  for (let byte = 1; byte < 256; byte += 1) next[byte] = (next[byte - 1] ?? 0) + (counts[byte - 1] ?? 0);
  for (let index = 0; index < length; index += 1) {
    const byte = (sorted[index] ?? 0) & 0xff;
    const place = next[byte] ?? 0;
    next[byte] = place + 1;
    sorted[place] = (sorted[place] ?? 0) | (index << 8);
  }
}
