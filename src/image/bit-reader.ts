import { CodecError } from './decoder';

/** Bits of a byte string that grows at its end, most significant first. */
export class BitReader {
  private bytes: Uint8Array = new Uint8Array(0);
  /** The next byte to enter the window; runs past the end while bits are peeked at that aren't there. */
  private at = 0;
  private window = 0;
  private windowBits = 0;

  /** Whole bytes that haven't been read. */
  get bytesLeft(): number {
    return this.bytes.length - this.at + (this.windowBits >> 3);
  }

  append(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes.subarray(this.at), bytes]);
    this.at = 0;
  }

  /** The next `count` bits (at most 24) without reading them; zeros stand for those behind the end. */
  peek(count: number): number {
    while (this.windowBits < count) {
      this.window = (this.window << 8) | (this.bytes[this.at] ?? 0);
      this.at += 1;
      this.windowBits += 8;
    }
    return (this.window >>> (this.windowBits - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.windowBits -= count;
  }

  /** @throws CodecError at the end. */
  read(count: number): number {
    const bits = this.peek(count);
    this.skip(count);
    this.requireNotPastEnd();
    return bits;
  }

  /** @throws CodecError if bits were skipped that aren't there. */
  requireNotPastEnd(): void {
    if (this.bytesLeft < 0) throw new CodecError('it ends early');
  }

  alignToByte(): void {
    this.windowBits -= this.windowBits % 8;
  }
}
