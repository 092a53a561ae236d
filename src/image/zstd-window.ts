import { CodecError } from './decoder';

const FIRST_BYTES = 256 * 1024;
const MIN_SPARE_BYTES = 1024 * 1024;
/** Calls for fewer bytes than this take longer than a loop. */
const FEW_BYTES = 48;

/** What has been decoded, as far back as matches may reach, and what of it nobody has taken yet. */
export class ZstdWindow {
  private bytes = new Uint8Array(FIRST_BYTES);
  private end = 0;
  private taken = 0;
  private windowBytes = 0;
  private frameBytes = 0;

  /** A frame begins: its matches reach no earlier one. */
  restart(windowBytes: number): void {
    this.windowBytes = windowBytes;
    this.frameBytes = 0;
  }

  /** What the frame has decoded. */
  get decodedBytes(): number {
    return this.frameBytes;
  }

  get untakenBytes(): number {
    return this.end - this.taken;
  }

  /** A copy of what is new. */
  take(): Uint8Array {
    const piece = this.bytes.slice(this.taken, this.end);
    this.taken = this.end;
    return piece;
  }

  /** For so many bytes to be appended. Memory grows with what is decoded, not with what a header claims. */
  makeRoom(byteCount: number): void {
    if (this.end + byteCount <= this.bytes.length) return;
    const dropped = Math.min(this.taken, Math.max(0, this.end - this.windowBytes));
    const kept = this.bytes.subarray(dropped, this.end);
    // Moving them over and over would take longer than decoding.
    const isWorthMoving = dropped > kept.length >> 2 && kept.length + byteCount <= this.bytes.length;
    if (!isWorthMoving) {
      this.bytes = new Uint8Array(kept.length + byteCount + Math.max(MIN_SPARE_BYTES, kept.length >> 2));
    }
    this.bytes.set(kept);
    this.end -= dropped;
    this.taken -= dropped;
  }

  append(data: Uint8Array): void {
    const { bytes, end } = this;
    if (data.length >= FEW_BYTES) bytes.set(data, end);
    else for (let index = 0; index < data.length; index += 1) bytes[end + index] = data[index] ?? 0;
    this.advance(data.length);
  }

  /** The literals from `from` to `to`. */
  appendPart(data: Uint8Array, from: number, to: number): void {
    if (to - from >= FEW_BYTES) {
      this.append(data.subarray(from, to));
      return;
    }
    const { bytes, end } = this;
    for (let index = from; index < to; index += 1) bytes[end + index - from] = data[index] ?? 0;
    this.advance(to - from);
  }

  repeat(byte: number, count: number): void {
    this.bytes.fill(byte, this.end, this.end + count);
    this.advance(count);
  }

  /** Appends what stands `distance` bytes back; the match may overlap what it makes. @throws CodecError */
  appendMatch(distance: number, length: number): void {
    if (distance < 1 || distance > Math.min(this.frameBytes, this.windowBytes)) {
      throw new CodecError(`a match reaches ${distance} bytes back`);
    }
    const { bytes, end } = this;
    if (length < FEW_BYTES) {
      for (let at = end; at < end + length; at += 1) bytes[at] = bytes[at - distance] ?? 0;
    } else {
      // Each round copies all that repeats so far.
      for (let done = 0; done < length;) {
        const part = Math.min(length - done, distance + done);
        bytes.copyWithin(end + done, end - distance, end - distance + part);
        done += part;
      }
    }
    this.advance(length);
  }

  private advance(byteCount: number): void {
    this.end += byteCount;
    this.frameBytes += byteCount;
  }
}
