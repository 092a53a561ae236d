import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { LocalRange } from '../../domain/extent';
import type { CloneOptions } from './driver';
import { bootId } from './process-identity';
import { hasCode } from './system-error';
import { identityOf, openSparse } from './volume-file';
import type { Place } from './volume-file';

/** A checkpoint is due after so much … */
const EVERY_BYTES = 32 * 1024 ** 2;
/** … but not more often than that where blocks are shared and not copied, which no memory could: a terabyte takes no time there. */
const EVERY_MS = 50;
const SHARED_BYTES_PER_MS = 16 * 1024 ** 2;

/** How far a clone has come, from the volume's beginning. What lies between its ranges reads zero in a file that is new. */
export interface CloneNotes {
  /** How much of the range is there already. */
  doneOf(range: LocalRange): number;
  /** All before this offset is there. */
  reached(offsetBytes: number): Promise<void>;
  complete(): Promise<void>;
}

export async function cloneNotes(
  handle: FileHandle,
  { saveCheckpoint }: CloneOptions,
  doneBytes: number,
): Promise<CloneNotes> {
  const [target, boot, { size }] = await Promise.all([identityOf(handle), bootId(), handle.stat()]);
  let [savedBytes, savedAt] = [doneBytes, performance.now()];
  const save = async (lengthBytes: number): Promise<void> => {
    const finished = [{ offsetBytes: 0, lengthBytes }];
    // Not flushed: after another boot it doesn't count here, and is hashed elsewhere.
    await saveCheckpoint?.({ target, bootId: boot, zerosDone: true, finished });
    [savedBytes, savedAt] = [lengthBytes, performance.now()];
  };
  return {
    doneOf: ({ offsetBytes, lengthBytes }) => Math.max(0, Math.min(lengthBytes, doneBytes - offsetBytes)),
    reached: async (offsetBytes) => {
      const [bytes, ms] = [offsetBytes - savedBytes, performance.now() - savedAt];
      const isShared = bytes > ms * SHARED_BYTES_PER_MS;
      if (bytes >= EVERY_BYTES && (ms >= EVERY_MS || !isShared)) await save(offsetBytes);
    },
    complete: () => save(size),
  };
}

/** Whether an earlier attempt has made all of it, which has its name already, and is yet to be verified. */
export async function isCloned({ file, sizeBytes }: Place, options: CloneOptions): Promise<boolean> {
  const handle = await ifThere(file);
  if (!handle) return false;
  try {
    return (await doneIn(handle, options)) >= sizeBytes;
  } finally {
    await handle.close();
  }
}

/** The file that an earlier attempt was filling, if it is the one of the checkpoint; otherwise a new one. */
export async function openUnfinished(
  place: Place,
  options: CloneOptions,
): Promise<{ readonly handle: FileHandle; readonly doneBytes: number }> {
  const left = await ifThere(place.unfinishedClone);
  const doneBytes = left ? await doneIn(left, options) : 0;
  if (left && doneBytes > 0) return { handle: left, doneBytes };
  await left?.close();
  await rm(place.unfinishedClone, { force: true });
  return { handle: await openSparse(place.unfinishedClone, place.sizeBytes, 'wx'), doneBytes: 0 };
}

/** How much of a file the checkpoint answers for, from its beginning. */
async function doneIn(handle: FileHandle, { checkpoint }: CloneOptions): Promise<number> {
  if (!checkpoint || checkpoint.target !== (await identityOf(handle)) || checkpoint.bootId !== (await bootId()))
    return 0;
  const [first] = checkpoint.finished;
  return checkpoint.zerosDone && first?.offsetBytes === 0 ? first.lengthBytes : 0;
}

async function ifThere(path: string): Promise<FileHandle | null> {
  return open(path, 'r+').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
}
