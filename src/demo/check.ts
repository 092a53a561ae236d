import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const PIECE_BYTES = 4 * 1024 ** 2;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** SHA-256 of the first `bytes` of a volume, which hold the backup's image; what follows must be zeros. */
export async function hashVolume(path: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  let left = bytes;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    if (!Buffer.isBuffer(piece)) throw new Error('A stream without encoding gives buffers');
    const image = piece.subarray(0, left);
    const tail = piece.subarray(image.length);
    hash.update(image);
    if (!tail.equals(ZEROS.subarray(0, tail.length)))
      throw new Error(`${path} holds data behind the end of the backup`);
    left -= image.length;
  }
  return hash.digest('hex');
}
