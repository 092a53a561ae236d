import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { sha256OfVolume } from '../support/volume-content';
import { dataOf } from './data-ranges';
import type { Entry } from './ledger';
import type { Stage } from './stage';

const PIECE_BYTES = 4 * 1024 ** 2;
const ZEROS = Buffer.alloc(PIECE_BYTES);

/** What is wrong with the content of a volume that is said to be complete; null: nothing. */
export async function holds({ pools }: Stage, { volumeId, mayHold, restores, sizeGib }: Entry): Promise<string | null> {
  const files = [...pools.values()].map((folder) => path.join(folder, `volume-${volumeId}`)).filter(existsSync);
  if (files.length !== 1) return `${volumeId}: ${files.length} pools hold it`;
  const file = await open(files[0]!);
  try {
    const { size } = await file.stat();
    if (size !== sizeGib * GIB) return `${volumeId}: its file has ${size} bytes`;
    const found: string[] = [];
    for (const { sha256, bytes, name } of mayHold) {
      const isBackup = (await sha256OfVolume(files[0]!, bytes)) === sha256;
      // What lies behind a backup's end stays when it is restored into a volume that was in use (H-72).
      if (isBackup && (restores > 0 || (await zerosFollow(file, bytes)))) return null;
      found.push(`${name}: ${isBackup ? 'something follows it' : 'another hash'}`);
    }
    return `${volumeId} holds none of what it should: ${found.join('; ')}`;
  } finally {
    await file.close();
  }
}

/** Holes read zero; whatever else lies there is read. */
async function zerosFollow(file: FileHandle, fromBytes: number): Promise<boolean> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(PIECE_BYTES);
  for (const [begin, end] of await dataOf(file.fd, fromBytes, size)) {
    for (let at = begin; at < end;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE_BYTES, end - at), at);
      if (bytesRead === 0 || !buffer.subarray(0, bytesRead).equals(ZEROS.subarray(0, bytesRead))) return false;
      at += bytesRead;
    }
  }
  return true;
}
