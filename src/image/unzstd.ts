import { Decompress } from 'fzstd';
import { CodecError } from './decoder';

/** zstd's own limit for a decoder that wasn't told otherwise (ZSTD_WINDOWLOG_LIMIT_DEFAULT 27). */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
/** RFC 8878 3.1.1.2.4: no block decodes to more. */
const MAX_BLOCK_BYTES = 128 * 1024;
/** A block of one repeated byte takes four stored bytes, so that a slice decodes to at most 64 blocks, or 8 MiB. */
const SLICE_BYTES = 256;
const MAX_HEADER_BYTES = 18;

/** zstd frames (RFC 8878). The frame's checksum isn't checked: whoever reads the object has a hash of it. */
export async function* unzstd(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoded: Uint8Array[] = [];
  const decompressor = new Decompress((block) => {
    if (block.length > MAX_BLOCK_BYTES) throw new CodecError(`a block of ${block.length} bytes is too large`);
    if (block.length > 0) decoded.push(block);
  });
  const push = (slice: Uint8Array, isLast: boolean): Uint8Array[] => {
    decoded = [];
    try {
      decompressor.push(slice, isLast);
    } catch (error) {
      throw new CodecError(error instanceof Error ? error.message : String(error), { cause: error });
    }
    return decoded;
  };
  for await (const piece of checkingWindow(stored)) {
    for (let at = 0; at < piece.length; at += SLICE_BYTES) yield* push(piece.subarray(at, at + SLICE_BYTES), false);
  }
  yield* push(new Uint8Array(0), true);
}

/** Refuses a frame whose window would take too much memory, before the decompressor allocates it. */
async function* checkingWindow(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  let isChecked = false;
  for await (const piece of stored) {
    if (isChecked) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.length < MAX_HEADER_BYTES) continue;
    requireModestWindow(head);
    isChecked = true;
    yield head;
  }
  if (isChecked) return;
  requireModestWindow(Buffer.concat([head], MAX_HEADER_BYTES));
  yield head;
}

/** RFC 8878 3.1.1.1: magic number, descriptor, window (or, in a frame of a single segment, the size of the content). */
function requireModestWindow(head: Buffer): void {
  const descriptor = head.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowBytes = isSingleSegment ? contentBytes(head, descriptor) : describedWindow(head.readUInt8(5));
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new CodecError(`its window of ${windowBytes} bytes is larger than ${MAX_WINDOW_BYTES}`);
  }
}

function describedWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentBytes(head: Buffer, descriptor: number): number {
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const at = 5 + dictionaryIdBytes;
  const sizeClass = descriptor >> 6;
  if (sizeClass === 0) return head.readUInt8(at);
  if (sizeClass === 1) return head.readUInt16LE(at) + 256;
  return sizeClass === 2 ? head.readUInt32LE(at) : Number(head.readBigUInt64LE(at));
}
