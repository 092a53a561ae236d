import { existsSync } from 'node:fs';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { contentOfVolume } from '../support/volume-content';
import type { Entry } from './ledger';
import type { Stage } from './stage';

/** What is wrong with the content of a volume that is said to be complete; null: nothing. */
export async function holds({ pools }: Stage, { volumeId, mayHold, restores, sizeGib }: Entry): Promise<string | null> {
  const files = [...pools.values()].map((folder) => path.join(folder, `volume-${volumeId}`)).filter(existsSync);
  if (files.length !== 1) return `${volumeId}: ${files.length} pools hold it`;
  const found: string[] = [];
  for (const { sha256, bytes, name } of mayHold) {
    const content = await contentOfVolume(files[0]!, bytes);
    if (content.sizeBytes !== sizeGib * GIB) return `${volumeId}: its file has ${content.sizeBytes} bytes`;
    // What lies behind a backup's end stays when it is restored into a volume that was in use (H-72).
    if (content.sha256 === sha256 && (content.zerosFollow || restores > 0)) return null;
    found.push(`${name}: ${content.sha256 === sha256 ? 'something follows it' : `sha256 ${content.sha256}`}`);
  }
  return `${volumeId} holds none of what it should: ${found.join('; ')}`;
}
