const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const ZERO = 0x30;
const NOTHING = Buffer.alloc(0);
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** How the frame ends where the list begins. No string ends like that: in strings, quotes are escaped. */
const BEFORE_LIST = new Set(['{"objects":', ',"objects":']);
const BEFORE_LIST_BYTES = 11;
/** The list stands in the outermost object. */
const DEPTH_OF_LIST = 2;

/** Cinder's entries take 300 bytes. */
const MAX_ENTRY_BYTES = 64 * 1024;
/** Room for all that Cinder tells of the volume itself (S-61), and for a million objects. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/**
 * Takes `P_metadata` apart as it arrives: into the entries of its `objects`, one by one, and its frame, which is all the rest
 * with a 0 in place of each entry. As one string, parsed as one value, that of a million objects takes gigabytes. Whether
 * the parts are JSON is for the parser to say: here, brackets are only counted.
 */
export class MetadataSplitter {
  private frameBytes: Buffer = Buffer.allocUnsafe(64 * 1024);
  private frameLength = 0;
  private depth = 0;
  private isInList = false;
  private isInEntry = false;
  private isInString = false;
  private isEscaped = false;
  /** What has arrived of an entry with earlier pieces. */
  private begun: Buffer = NOTHING;

  /**
   * @param onEntry is given the text of each entry
   * @param tooLarge is thrown for an entry or a frame that no Cinder writes
   */
  constructor(
    private readonly onEntry: (text: string) => void,
    private readonly tooLarge: () => Error,
  ) {}

  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      if (this.isInEntry || this.entryBegins(piece[at])) at = this.readEntry(piece, at);
      else this.readFrame(piece[at++] ?? 0);
    }
  }

  /** No JSON before all has arrived. */
  frame(): string {
    return this.frameBytes.toString('utf8', 0, this.frameLength);
  }

  private entryBegins(byte: number | undefined): boolean {
    const isInListItself = this.isInList && this.depth === DEPTH_OF_LIST && !this.isInString;
    return isInListItself && (byte === BRACE || byte === BRACKET);
  }

  /** Up to its end, or the piece's; answers where that is. */
  private readEntry(piece: Uint8Array, start: number): number {
    let at = start;
    do {
      const byte = piece[at++] ?? 0;
      if (this.isInString) this.followString(byte);
      else this.followStructure(byte);
      this.isInEntry = this.depth > DEPTH_OF_LIST;
    } while (this.isInEntry && at < piece.length);
    const bytes = this.withBegun(piece.subarray(start, at));
    if (this.isInEntry) this.begun = Buffer.from(bytes);
    else this.endEntry(bytes);
    return at;
  }

  private readFrame(byte: number): void {
    const isInString = this.isInString;
    if (isInString) this.followString(byte);
    else {
      if (WHITESPACE.has(byte)) return;
      if (byte === BRACKET && this.depth === DEPTH_OF_LIST - 1) this.isInList = this.endsBeforeList();
      this.followStructure(byte);
    }
    this.keep(byte);
  }

  private followString(byte: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) this.isInString = false;
  }

  private followStructure(byte: number): void {
    if (byte === QUOTE) this.isInString = true;
    else if (byte === BRACE || byte === BRACKET) this.depth += 1;
    else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      this.depth -= 1;
      if (this.depth < DEPTH_OF_LIST) this.isInList = false;
    }
  }

  private endsBeforeList(): boolean {
    const from = Math.max(0, this.frameLength - BEFORE_LIST_BYTES);
    return BEFORE_LIST.has(this.frameBytes.toString('latin1', from, this.frameLength));
  }

  private endEntry({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.keep(ZERO);
    this.begun = NOTHING;
    this.onEntry(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
  }

  /** Copies nothing of an entry that arrived in one piece, as nearly all do. */
  private withBegun(more: Uint8Array): Uint8Array {
    if (this.begun.length + more.length > MAX_ENTRY_BYTES) throw this.tooLarge();
    return this.begun.length === 0 ? more : Buffer.concat([this.begun, more]);
  }

  private keep(byte: number): void {
    if (this.frameLength === MAX_FRAME_BYTES) throw this.tooLarge();
    if (this.frameLength === this.frameBytes.length) {
      this.frameBytes = Buffer.concat([this.frameBytes], 2 * this.frameBytes.length);
    }
    this.frameBytes[this.frameLength] = byte;
    this.frameLength += 1;
  }
}
