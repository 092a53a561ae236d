import { CodecError } from './decoder';
import { littleEndian } from './zstd-bytes';

/** zstd's own limit for a decoder that wasn't told otherwise (ZSTD_WINDOWLOG_LIMIT_DEFAULT 27). */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

export interface FrameHeader {
  readonly windowBytes: number;
  /** Null where it isn't told. */
  readonly contentBytes: number | null;
  readonly hasChecksum: boolean;
}

/** How many bytes follow a frame's descriptor in its header (RFC 8878 3.1.1.1). */
export function headerBytesAfter(descriptor: number): number {
  return windowBytesOf(descriptor) + dictionaryBytesOf(descriptor) + sizeBytesOf(descriptor);
}

/** @param rest what follows the descriptor. @throws CodecError, for a window that would take too much memory as well */
export function parseFrameHeader(descriptor: number, rest: Uint8Array): FrameHeader {
  if ((descriptor & 8) !== 0) throw new CodecError('a frame is of an unknown kind');
  const afterWindow = windowBytesOf(descriptor);
  const afterDictionary = afterWindow + dictionaryBytesOf(descriptor);
  if (rest.subarray(afterWindow, afterDictionary).some((byte) => byte !== 0)) {
    throw new CodecError('a frame needs a dictionary');
  }
  const size = rest.subarray(afterDictionary);
  // A size of two bytes begins at 256.
  const contentBytes = size.length === 0 ? null : littleEndian(size) + (size.length === 2 ? 256 : 0);
  const windowBytes = isSingleSegment(descriptor) ? (contentBytes ?? 0) : describedWindow(rest[0] ?? 0);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new CodecError(`its window of ${windowBytes} bytes is larger than ${MAX_WINDOW_BYTES}`);
  }
  return { windowBytes, contentBytes, hasChecksum: (descriptor & 4) !== 0 };
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
