import { Readable, pipeline } from 'node:stream';
import { createInflate } from 'node:zlib';
import { CodecError, PIECE_BYTES } from './decoder';

const FAULTS_OF_DATA = new Set<unknown>(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT']);

/** zlib streams (RFC 1950), decompressed on libuv's threads. */
export async function* inflate(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let storedBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of stored) {
      storedBytes += piece.length;
      yield piece;
    }
  }
  const inflater = createInflate({ chunkSize: PIECE_BYTES });
  // An error of either side destroys the other and ends the loop below, so there is nothing left to do here.
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), inflater, () => undefined);
  const pieces: AsyncIterable<Uint8Array> = inflater;
  try {
    for await (const piece of pieces) yield piece;
  } catch (error) {
    if (!isFaultOfData(error)) throw error;
    throw new CodecError(error.message, { cause: error });
  }
  // zlib stops at the end of its stream and says nothing of what follows.
  if (storedBytes > inflater.bytesWritten) {
    throw new CodecError(`${storedBytes - inflater.bytesWritten} bytes follow its end`);
  }
}

/** Told by its code alone; whatever the source throws has another one. */
function isFaultOfData(error: unknown): error is { readonly message: string } {
  return typeof error === 'object' && error !== null && 'code' in error && FAULTS_OF_DATA.has(error.code);
}
