import { Readable } from 'node:stream';
import { createDeflate } from 'node:zlib';
import type { CodecOfCinder, Encoders } from './encoders';

const MIB = 1024 * 1024;

/** A few stored bytes that decode to half a gigabyte of zeros or more. */
export type BombOf = Readonly<Record<Exclude<CodecOfCinder, 'none'>, Buffer>>;

export async function makeBombs(encoders: Encoders): Promise<BombOf> {
  const bzip2 = encoders.bz2(Buffer.alloc(32 * MIB), 9);
  return {
    zlib: await deflatedZeros(512 * MIB),
    // One stream behind the other, which Python's bz2 takes as well.
    bz2: Buffer.concat(Array.from({ length: 16 }, () => bzip2)),
    zstd: zstdZeros(8192),
  };
}

/** A frame whose window is 128 KiB, of blocks that repeat a zero 131,072 times. */
function zstdZeros(blocks: number): Buffer {
  const block = Buffer.of(0x02, 0x00, 0x10, 0x00);
  const header = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38);
  return Buffer.concat([header, ...Array.from({ length: blocks - 1 }, () => block), Buffer.of(0x03, 0x00, 0x10, 0x00)]);
}

/** Not at once: the tests look at how much memory the process takes. */
async function deflatedZeros(lengthBytes: number): Promise<Buffer> {
  const zeros = Array.from({ length: lengthBytes / MIB }, () => ZEROS);
  const pieces: Uint8Array[] = [];
  for await (const piece of Readable.from(zeros).pipe(createDeflate({ level: 1 }))) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}

const ZEROS = Buffer.alloc(MIB);
