import { CodecError } from './decoder';
import { StoredBytes } from './stored-bytes';
import { checkFrameHeader, headerBytesAfter, littleEndian } from './zstd-frame';
import { keep, zstdStream } from './zstd-stream';
import type { ZstdStream } from './zstd-stream';

const FRAME_MAGIC = 0xfd2fb528;
/** 3.1.2: one of 16. */
const SKIPPABLE_MAGIC = 0x184d2a50;

/**
 * zstd frames (RFC 8878). Their headers are read here, because a frame may ask for any amount of memory; the rest is left
 * to zstd itself, compiled to WebAssembly.
 */
export async function* unzstd(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new StoredBytes(stored);
  const stream = zstdStream();
  let isSound = true;
  try {
    do {
      const magicBytes = await source.take(4);
      const magic = littleEndian(magicBytes);
      if (magic === FRAME_MAGIC) yield* readFrame(source, stream, magicBytes);
      else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) await source.skip(littleEndian(await source.take(4)));
      else throw new CodecError('it has no zstd frame where one belongs');
    } while (await source.hasMore());
    const rest = stream.take();
    if (rest.length > 0) yield rest;
  } catch (error) {
    isSound = false;
    throw error;
  } finally {
    if (isSound) keep(stream);
    await source.close();
  }
}

async function* readFrame(source: StoredBytes, stream: ZstdStream, magicBytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const descriptorBytes = await source.take(1);
  const [descriptor = 0] = descriptorBytes;
  const rest = await source.take(headerBytesAfter(descriptor));
  checkFrameHeader(descriptor, rest);
  let piece: Uint8Array = Buffer.concat([magicBytes, descriptorBytes, rest]);
  let left = yield* stream.decode(piece);
  while (left === null) {
    piece = await source.takePiece();
    left = yield* stream.decode(piece);
  }
  source.putBack(piece.subarray(piece.length - left));
}
