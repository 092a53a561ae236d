import { CodecError, PIECE_BYTES } from './decoder';
import { MAX_BLOCK_BYTES, ZstdBlocks } from './zstd-block';
import { littleEndian } from './zstd-bytes';
import { StoredBytes } from './stored-bytes';
import { headerBytesAfter, parseFrameHeader } from './zstd-frame';
import { ZstdWindow } from './zstd-window';

const FRAME_MAGIC = 0xfd2fb528;
/** 3.1.2: one of 16. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const RAW = 0;
const ONE_BYTE = 1;
const COMPRESSED = 2;

/**
 * zstd frames (RFC 8878), decoded block by block. The package `fzstd` computes for minutes on a block of 24 bytes that says
 * it holds 98,000 matches, and takes 2 GiB for the window of any frame but the first. A frame's checksum isn't checked:
 * whoever reads the object has a hash of it.
 */
export async function* unzstd(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new StoredBytes(stored);
  const window = new ZstdWindow();
  try {
    do {
      const magic = littleEndian(await source.take(4));
      if (magic === FRAME_MAGIC) yield* readFrame(source, window);
      else if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) await source.skip(littleEndian(await source.take(4)));
      else throw new CodecError('it has no zstd frame where one belongs');
    } while (await source.hasMore());
  } finally {
    await source.close();
  }
}

async function* readFrame(source: StoredBytes, window: ZstdWindow): AsyncGenerator<Uint8Array> {
  const [descriptor = 0] = await source.take(1);
  const header = parseFrameHeader(descriptor, await source.take(headerBytesAfter(descriptor)));
  window.restart(header.windowBytes);
  const maxBlockBytes = Math.min(header.windowBytes, MAX_BLOCK_BYTES);
  const blocks = new ZstdBlocks(window, maxBlockBytes);
  for (let isLast = false; !isLast;) {
    const blockHeader = littleEndian(await source.take(3));
    isLast = (blockHeader & 1) === 1;
    const type = (blockHeader >> 1) & 3;
    const size = blockHeader >> 3;
    if (size > maxBlockBytes) throw new CodecError(`a block of ${size} bytes is too large`);
    const block = await source.take(type === ONE_BYTE ? 1 : size);
    if (type === COMPRESSED) blocks.decode(block);
    else {
      window.makeRoom(size);
      if (type === RAW) window.append(block);
      else if (type === ONE_BYTE) window.repeat(block[0] ?? 0, size);
      else throw new CodecError('a block is of an unknown kind');
    }
    if (window.untakenBytes > PIECE_BYTES - MAX_BLOCK_BYTES) yield window.take();
  }
  if (header.contentBytes !== null && header.contentBytes !== window.decodedBytes) {
    throw new CodecError(`a frame holds ${window.decodedBytes} bytes, expected ${header.contentBytes}`);
  }
  if (header.hasChecksum) await source.take(4);
  if (window.untakenBytes > 0) yield window.take();
}
