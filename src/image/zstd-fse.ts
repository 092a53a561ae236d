import type { BackwardBits } from './zstd-bytes';
import { CodecError } from './decoder';

/** Finite state entropy (RFC 8878 4.1): each state stands for a symbol, and tells how many bits lead to which next state. */
export interface FseTable {
  readonly accuracyLog: number;
  /** By state: the symbol in 8 bits, how many bits to read in 8, and above these what to add to them. */
  readonly states: Int32Array;
}

/** One state that walks through a table. */
export class FseState {
  private current: number;

  constructor(
    private readonly table: FseTable,
    private readonly reader: BackwardBits,
  ) {
    this.current = table.states[reader.read(table.accuracyLog)] ?? 0;
  }

  get symbol(): number {
    return this.current & 0xff;
  }

  next(): void {
    const { current } = this;
    this.current = this.table.states[(current >> 16) + this.reader.read((current >> 8) & 0xff)] ?? 0;
  }
}

export interface FseLimits {
  readonly maxAccuracyLog: number;
  readonly maxSymbol: number;
}

/** Reads a table's description (4.1.1) from the front of `bytes`; answers how many of them it takes. @throws CodecError */
export function readFseTable(bytes: Uint8Array, limits: FseLimits): { table: FseTable; lengthBytes: number } {
  let bit = 4;
  const peek = (): number => {
    const at = bit >> 3;
    return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) >> (bit & 7);
  };
  const accuracyLog = ((bytes[0] ?? 0) & 15) + 5;
  if (accuracyLog > limits.maxAccuracyLog) throw new CodecError(`a table is of ${accuracyLog} bits`);
  const counts: number[] = [];
  let left = 1 << accuracyLog;
  while (left > 0 && counts.length <= limits.maxSymbol) {
    // From 0 to left + 1: those that would not fit into the larger number of bits take one bit less.
    const bits = 32 - Math.clz32(left + 1);
    const spare = (1 << bits) - left - 2;
    const low = peek() & ((1 << (bits - 1)) - 1);
    const value = low < spare ? low : peek() & ((1 << bits) - 1);
    bit += low < spare ? bits - 1 : bits;
    const count = (low >= spare && value >= 1 << (bits - 1) ? value - spare : value) - 1;
    counts.push(count);
    left -= Math.abs(count);
    if (count !== 0) continue;
    for (let repeats = 3; repeats === 3;) {
      repeats = peek() & 3;
      bit += 2;
      for (let zeros = repeats; zeros > 0; zeros -= 1) counts.push(0);
    }
  }
  const lengthBytes = (bit + 7) >> 3;
  if (left !== 0 || counts.length > limits.maxSymbol + 1 || lengthBytes > bytes.length) {
    throw new CodecError('a table is not of the size that it says');
  }
  return { table: fseTable(counts, accuracyLog), lengthBytes };
}

/** @param counts of each symbol among the states; -1 is less than one (4.1.1). They add up to the table's size. */
export function fseTable(counts: readonly number[], accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const next = counts.map(Math.abs);
  let high = size;
  counts.forEach((count, symbol) => {
    if (count === -1) symbols[--high] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  counts.forEach((count, symbol) => {
    for (let left = count; left > 0; left -= 1) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  });
  const states = new Int32Array(size);
  symbols.forEach((symbol, state) => {
    const number = next[symbol] ?? 1;
    next[symbol] = number + 1;
    const bits = accuracyLog - (31 - Math.clz32(number));
    states[state] = (((number << bits) - size) << 16) | (bits << 8) | symbol;
  });
  return { accuracyLog, states };
}

/** A table of one symbol, which takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
  return { accuracyLog: 0, states: Int32Array.of(symbol) };
}
