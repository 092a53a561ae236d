import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Fixture } from './fixtures';
import type { House } from './house';

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
