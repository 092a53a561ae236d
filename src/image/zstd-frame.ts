import { CodecError } from './decoder';

/** Cinder's have 2 MiB. Several decoders share a process. */
const MAX_WINDOW_BYTES = 32 * 1024 * 1024;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

/** How many bytes follow a frame's descriptor in its header (RFC 8878 3.1.1.1). */
export function headerBytesAfter(descriptor: number): number {
  return windowBytesOf(descriptor) + dictionaryBytesOf(descriptor) + sizeBytesOf(descriptor);
}

/** @param rest what follows the descriptor. @throws CodecError, for a window that would take too much memory */
export function checkFrameHeader(descriptor: number, rest: Uint8Array): void {
  const windowBytes = isSingleSegment(descriptor) ? contentBytesOf(descriptor, rest) : describedWindow(rest[0] ?? 0);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new CodecError(`its window of ${windowBytes} bytes is larger than ${MAX_WINDOW_BYTES}`);
  }
}

/** A number of up to eight bytes, the lowest first. */
export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** A size of two bytes begins at 256. */
function contentBytesOf(descriptor: number, rest: Uint8Array): number {
  const size = rest.subarray(windowBytesOf(descriptor) + dictionaryBytesOf(descriptor));
  return littleEndian(size) + (size.length === 2 ? 256 : 0);
}

function isSingleSegment(descriptor: number): boolean {
  return (descriptor & 0x20) !== 0;
}

/** A frame of a single segment has its content as its window. */
function windowBytesOf(descriptor: number): number {
  return isSingleSegment(descriptor) ? 0 : 1;
}

function dictionaryBytesOf(descriptor: number): number {
  return DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
}

function sizeBytesOf(descriptor: number): number {
  const sizeClass = descriptor >> 6;
  if (sizeClass === 0) return isSingleSegment(descriptor) ? 1 : 0;
  return 2 ** sizeClass;
}

function describedWindow(window: number): number {
  const base = 2 ** (10 + (window >> 3));
  return base + (base / 8) * (window & 7);
}
