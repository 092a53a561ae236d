import { CodecError } from './decoder';
import type { BackwardBits } from './zstd-bytes';
import type { ByteReader } from './zstd-bytes';
import { FseState, fseTable, readFseTable, singleSymbolTable } from './zstd-fse';
import type { FseTable } from './zstd-fse';

/** How a length or an offset is told: by a code, which stands for a first value and a number of extra bits. */
interface CodeKind {
  readonly maxSymbol: number;
  readonly maxAccuracyLog: number;
  /** RFC 8878 3.1.1.3.2.2: what holds where a block describes no table. */
  readonly predefined: FseTable;
}

const LITERAL_BITS = Uint8Array.from([
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]);
const MATCH_BITS = Uint8Array.from([
  ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
]);
const LITERAL_BASES = basesOf(LITERAL_BITS, 0);
const MATCH_BASES = basesOf(MATCH_BITS, 3);

const LITERAL_LENGTHS: CodeKind = {
  maxSymbol: 35,
  maxAccuracyLog: 9,
  predefined: fseTable(
    [
      ...[4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2],
      ...[2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
    ],
    6,
  ),
};
/** Codes above 30 reach back farther than any window may. */
const OFFSETS: CodeKind = {
  maxSymbol: 30,
  maxAccuracyLog: 8,
  predefined: fseTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
};
const MATCH_LENGTHS: CodeKind = {
  maxSymbol: 52,
  maxAccuracyLog: 9,
  predefined: fseTable(
    [
      ...[1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1],
    ],
    6,
  ),
};

const PREDEFINED = 0;
const ONE_SYMBOL = 1;
const DESCRIBED = 2;

/** The tables of a block, which the frame's next one may use again. */
export interface SequenceTables {
  readonly literalLengths: FseTable;
  readonly offsets: FseTable;
  readonly matchLengths: FseTable;
}

/** The last three offsets; they go on from block to block (3.1.1.5). */
export interface RecentOffsets {
  first: number;
  second: number;
  third: number;
}

/** What a block does with its literals: so many of them, then a match, and again (3.1.1.3.2). */
export class SequenceReader {
  literalBytes = 0;
  matchBytes = 0;
  distance = 0;
  private readonly literalState: FseState;
  private readonly offsetState: FseState;
  private readonly matchState: FseState;

  constructor(
    private readonly bits: BackwardBits,
    tables: SequenceTables,
    private readonly recent: RecentOffsets,
  ) {
    this.literalState = new FseState(tables.literalLengths, bits);
    this.offsetState = new FseState(tables.offsets, bits);
    this.matchState = new FseState(tables.matchLengths, bits);
  }

  /** Puts the next sequence into the fields: a block has tens of thousands. @throws CodecError at the end */
  readNext(): void {
    const { bits } = this;
    const offsetCode = this.offsetState.symbol;
    const offset = (1 << offsetCode) | this.readOffsetBits(offsetCode);
    const matchCode = this.matchState.symbol;
    this.matchBytes = (MATCH_BASES[matchCode] ?? 0) + bits.read(MATCH_BITS[matchCode] ?? 0);
    const literalCode = this.literalState.symbol;
    this.literalBytes = (LITERAL_BASES[literalCode] ?? 0) + bits.read(LITERAL_BITS[literalCode] ?? 0);
    this.distance = this.distanceOf(offset);
    if (bits.bitsLeft < 0) throw new CodecError('a block has fewer sequences than it says');
  }

  /** Between two sequences. */
  moveOn(): void {
    this.literalState.next();
    this.matchState.next();
    this.offsetState.next();
  }

  private readOffsetBits(count: number): number {
    const { bits } = this;
    return count <= 24 ? bits.read(count) : (bits.read(count - 16) << 16) | bits.read(16);
  }

  /** 1 to 3 are recent ones, shifted by one where no literals come before the match. */
  private distanceOf(offset: number): number {
    const { recent } = this;
    const which = offset > 3 ? 0 : offset + (this.literalBytes === 0 ? 1 : 0);
    if (which === 1) return recent.first;
    let distance = offset - 3;
    if (which === 2) distance = recent.second;
    else if (which === 3) distance = recent.third;
    else if (which === 4) distance = recent.first - 1;
    if (which !== 2) recent.third = recent.second;
    recent.second = recent.first;
    recent.first = distance;
    return distance;
  }
}

/** How many sequences there are (3.1.1.3.2.1). */
export function readSequenceCount(reader: ByteReader): number {
  const first = reader.byte();
  if (first < 128) return first;
  const second = reader.byte();
  return first < 255 ? ((first - 128) << 8) + second : second + (reader.byte() << 8) + 0x7f00;
}

/** @param earlier those of the block before, null if there was none. @throws CodecError */
export function readSequenceTables(reader: ByteReader, earlier: SequenceTables | null): SequenceTables {
  const modes = reader.byte();
  if ((modes & 3) !== 0) throw new CodecError('a block is of an unknown kind');
  return {
    literalLengths: readTable(reader, LITERAL_LENGTHS, { mode: modes >> 6, earlier: earlier?.literalLengths }),
    offsets: readTable(reader, OFFSETS, { mode: (modes >> 4) & 3, earlier: earlier?.offsets }),
    matchLengths: readTable(reader, MATCH_LENGTHS, { mode: (modes >> 2) & 3, earlier: earlier?.matchLengths }),
  };
}

function readTable(
  reader: ByteReader,
  kind: CodeKind,
  { mode, earlier }: { mode: number; earlier: FseTable | undefined },
): FseTable {
  if (mode === PREDEFINED) return kind.predefined;
  if (mode === ONE_SYMBOL) {
    const symbol = reader.byte();
    if (symbol > kind.maxSymbol) throw new CodecError(`a table has the symbol ${symbol}`);
    return singleSymbolTable(symbol);
  }
  if (mode === DESCRIBED) {
    const { table, lengthBytes } = readFseTable(reader.ahead(), kind);
    reader.take(lengthBytes);
    return table;
  }
  if (!earlier) throw new CodecError('a block refers to a table that was not described');
  return earlier;
}

/** Each code's values begin where those of its predecessor end. */
function basesOf(bits: Uint8Array, first: number): Uint32Array {
  let base = first;
  return Uint32Array.from(bits, (count) => {
    base += 2 ** count;
    return base - 2 ** count;
  });
}
