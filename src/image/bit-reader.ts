import { CodecError } from './decoder';

const FIRST_BYTES = 4 * 1024 * 1024;
/** Room behind the end, so that a reader who checks now and then doesn't leave the buffer before he notices. */
const PADDING_BYTES = 256;

/** Bits of a byte string that grows at its end, most significant first. */
export class BitReader {
  /** For whoever reads bits himself, from `position` on, and puts it forward: that is several times as fast. */
  view = new DataView(new ArrayBuffer(FIRST_BYTES));
  /** The next bit. */
  position = 0;
  private endBytes = 0;

  /** Whole bytes that haven't been read; negative behind the end. */
  get bytesLeft(): number {
    return this.endBytes - ((this.position + 7) >> 3);
  }

  /** Forgets all bytes. */
  clear(): void {
    this.position = 0;
    this.endBytes = 0;
  }

  append(bytes: Uint8Array): void {
    if (this.endBytes + bytes.length + PADDING_BYTES > this.view.byteLength) this.makeRoom(bytes.length);
    new Uint8Array(this.view.buffer).set(bytes, this.endBytes);
    this.endBytes += bytes.length;
  }

  /** The next `count` bits, at most 24. @throws CodecError at the end. */
  read(count: number): number {
    const bits = (this.view.getInt32(this.position >> 3) << (this.position & 7)) >>> (32 - count);
    this.position += count;
    this.requireNotPastEnd();
    return bits;
  }

  /** @throws CodecError if bits were read that aren't there. */
  requireNotPastEnd(): void {
    if (this.bytesLeft < 0) throw new CodecError('it ends early');
  }

  alignToByte(): void {
    this.position = (this.position + 7) & -8;
  }

  /** Drops what has been read, and takes a larger buffer if what is left fills more than half of this one. */
  private makeRoom(byteCount: number): void {
    const readBytes = this.position >> 3;
    const left = new Uint8Array(this.view.buffer, readBytes, this.endBytes - readBytes);
    const neededBytes = left.length + byteCount + PADDING_BYTES;
    const isLarger = neededBytes > this.view.byteLength / 2;
    const buffer = isLarger ? new ArrayBuffer(2 * neededBytes) : this.view.buffer;
    new Uint8Array(buffer).set(left);
    this.view = new DataView(buffer);
    this.position &= 7;
    this.endBytes = left.length;
  }
}
