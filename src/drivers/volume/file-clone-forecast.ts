import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LocalRange } from '../../domain/extent';
import type { CloneNotes } from './clone-notes';
import type { CloneForecast } from './driver';
import { cloneRanges, nativeWay, notSupported } from './file-clone';
import { hasCode, onPool } from './system-error';
import { requirePool } from './volume-file';
import type { Place } from './volume-file';

/** asm-generic/fcntl.h: a file without a name, which is gone with its last handle, whatever becomes of the process. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** Of each folder so many bytes are tried. */
const SAMPLE_BYTES = 4096;

/** Implements `foreseeVolumeFromBackup`: what lies in one folder lies on one file system, so one range of each is tried on a file without a name. */
export async function foreseeFromRanges(
  place: Place,
  ranges: readonly LocalRange[] | null,
  signal: AbortSignal,
): Promise<CloneForecast> {
  await requirePool(place);
  const way = await nativeWay(place, ranges);
  if (way.kind === 'not-supported') return way;
  return onPool(place.poolName, async () => {
    const to = await openNameless(place);
    if (!to) return unknown(`the file system of ${place.poolName} has no files without names: only a create will tell`);
    try {
      const said = { notes: NOTHING_NOTED, onProgress: () => undefined };
      const task = { linux: way.linux, ranges: samplesOf(way.ranges), to, signal, ...said };
      const reason = await cloneRanges(task);
      return reason === null ? { kind: 'supported' } : notSupported(reason);
    } finally {
      await to.close();
    }
  });
}

const NOTHING_NOTED: CloneNotes = {
  doneOf: () => 0,
  reached: async () => undefined,
  complete: async () => undefined,
};

/** null where the file system has none. */
async function openNameless({ folder }: Place): Promise<FileHandle | null> {
  try {
    return await open(folder, O_TMPFILE | constants.O_RDWR, 0o600);
  } catch (error) {
    if (hasCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EINVAL')) return null;
    throw error;
  }
}

function samplesOf(ranges: readonly LocalRange[]): readonly LocalRange[] {
  const ofFolder = new Map<string, LocalRange>();
  for (const range of ranges) {
    const folder = dirname(range.path);
    if (!ofFolder.has(folder)) ofFolder.set(folder, range);
  }
  return [...ofFolder.values()].map((range) => ({
    ...range,
    offsetBytes: 0,
    lengthBytes: Math.min(SAMPLE_BYTES, range.lengthBytes),
  }));
}

function unknown(reason: string): CloneForecast {
  return { kind: 'unknown', reason };
}
