import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import type { Fixture } from './fixtures';
import type { House } from './house';

const MIB = 1024 ** 2;

/** SHA-256 of what a volume holds of a backup's image, as an instance that mounts it would read it. */
export function volumeSha256(house: House, volumeId: string, { volumeBytes }: Fixture, pool?: string): Promise<string> {
  return sha256OfVolume(path.join(house.poolPath(pool), `volume-${volumeId}`), volumeBytes);
}

/** SHA-256 of the first bytes of a volume's file. */
export async function sha256OfVolume(file: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file, { end: bytes - 1 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

export interface VolumeContent {
  /** Of its first bytes: those of the backup. */
  readonly sha256: string;
  /** Whether nothing but zeros follows. */
  readonly zerosFollow: boolean;
  readonly sizeBytes: number;
}

/** What a reader of the whole volume finds. */
export async function contentOfVolume(file: string, firstBytes: number): Promise<VolumeContent> {
  const handle = await open(file);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(4 * MIB);
    const zeros = Buffer.alloc(buffer.length);
    const { size } = await handle.stat();
    let zerosFollow = true;
    for (let at = 0; at < size;) {
      const until = at < firstBytes ? firstBytes : size;
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, until - at), at);
      const part = buffer.subarray(0, bytesRead);
      if (at < firstBytes) hash.update(part);
      else zerosFollow &&= Buffer.compare(part, zeros.subarray(0, bytesRead)) === 0;
      at += bytesRead;
    }
    return { sha256: hash.digest('hex'), zerosFollow, sizeBytes: size };
  } finally {
    await handle.close();
  }
}

/** A file of 1 GiB, filled where a small image will lie, in the middle and at the end (elsewhere it would take long). */
export async function fillWithNoise(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const noise = Buffer.alloc(MIB, 'noise of an earlier owner ');
  for (let at = 0; at < 32 * MIB; at += MIB) await handle.write(noise, 0, MIB, at);
  await handle.write(noise, 0, MIB, GIB / 2 + 5);
  await handle.write(noise, 0, MIB, GIB - MIB);
  await handle.close();
}
