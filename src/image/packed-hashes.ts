const DIGEST_BYTES = 32;
const DIGEST_DIGITS = 2 * DIGEST_BYTES;
const FIRST_CAPACITY_BYTES = 64 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSING_BRACKET = 0x5d;
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NOT_HEX = 0xff;
const HEX_VALUES = new Uint8Array(256).fill(NOT_HEX);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * A JSON array of hex SHA-256s, read byte by byte as it arrives and kept at 32 bytes each: as strings, the 33 million of a
 * 1 TiB volume would take gigabytes.
 */
export class PackedHashes {
  private bytes = sharedBuffer(FIRST_CAPACITY_BYTES);
  private length = 0;
  private digits = 0;
  private expects: 'first' | 'digit' | 'comma' | 'next' | 'nothing' = 'first';

  constructor(private readonly fault: (entry: number) => Error) {}

  get isComplete(): boolean {
    return this.expects === 'nothing';
  }

  /** All digests one after the other. */
  packed(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /**
   * Reads on behind the opening bracket; answers how many bytes of `piece` belong to the array.
   * @throws what `fault` makes of the index of an entry that isn't a SHA-256.
   */
  read(piece: Uint8Array): number {
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (this.expects === 'digit') this.readInString(byte);
      else this.readBetween(byte);
      if (this.expects === 'nothing') return at + 1;
    }
    return piece.length;
  }

  private readInString(byte: number): void {
    if (this.digits === DIGEST_DIGITS) {
      if (byte !== QUOTE) throw this.fault(this.length / DIGEST_BYTES);
      this.length += DIGEST_BYTES;
      this.expects = 'comma';
      return;
    }
    const value = HEX_VALUES[byte] ?? NOT_HEX;
    if (value === NOT_HEX) throw this.fault(this.length / DIGEST_BYTES);
    const at = this.length + (this.digits >> 1);
    this.bytes[at] = this.digits % 2 === 0 ? value << 4 : (this.bytes[at] ?? 0) | value;
    this.digits += 1;
  }

  private readBetween(byte: number): void {
    if (WHITESPACE.has(byte)) return;
    if (byte === QUOTE && this.expects !== 'comma') this.beginString();
    else if (byte === COMMA && this.expects === 'comma') this.expects = 'next';
    else if (byte === CLOSING_BRACKET && this.expects !== 'next') this.expects = 'nothing';
    else throw this.fault(this.length / DIGEST_BYTES);
  }

  private beginString(): void {
    if (this.length + DIGEST_BYTES > this.bytes.length) {
      const larger = sharedBuffer(2 * this.bytes.length);
      this.bytes.copy(larger);
      this.bytes = larger;
    }
    this.digits = 0;
    this.expects = 'digit';
  }
}

/** Threads that verify share them. */
function sharedBuffer(bytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(bytes));
}
