import { createHash } from 'node:crypto';

const HASH_BYTES = 32;

/** SHA-256 of every block of an image in order, 32 bytes each; the last block may be short. */
export interface BlockHashes {
  readonly blockBytes: number;
  readonly count: number;
  /** All digests one after the other from its start, where other threads can have them too; otherwise null. */
  readonly shared: SharedArrayBuffer | null;
  /** The expected digest of block `index`, as lower-case hex. */
  hex(index: number): string;
  /** Whether this is the digest of block `index`. */
  matches(index: number, digest: Buffer): boolean;
}

/** @param packed all digests one after the other, 32 bytes each. */
export function blockHashes(blockBytes: number, packed: Buffer): BlockHashes {
  const at = (index: number): Buffer => packed.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  return {
    blockBytes,
    count: packed.length / HASH_BYTES,
    shared: packed.byteOffset === 0 && packed.buffer instanceof SharedArrayBuffer ? packed.buffer : null,
    hex: (index) => at(index).toString('hex'),
    matches: (index, digest) => holdsAt(packed, index * HASH_BYTES, digest),
  };
}

/** Byte by byte, because that is five times as fast as a view and a native call for each of millions of blocks. */
function holdsAt(packed: Buffer, offset: number, digest: Buffer): boolean {
  for (let index = 0; index < HASH_BYTES; index += 1) {
    if (packed[offset + index] !== digest[index]) return false;
  }
  return true;
}

export function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
