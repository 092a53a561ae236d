import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Refusal } from '../../domain/errors';
import { endOf } from '../../domain/extent';
import type { LocalRange } from '../../domain/extent';
import { cloneNotes, isCloned, openUnfinished } from './clone-notes';
import type { CloneNotes } from './clone-notes';
import type { CloneOptions, CloneResult } from './driver';
import { linuxCalls } from './linux';
import type { LinuxCalls } from './linux';
import { hasCode, onPool } from './system-error';
import { isThere, requirePool, syncFolder } from './volume-file';
import type { Place } from './volume-file';
import { becomeWriter } from './writer';

/** At most so much per system call, which can't be interrupted. */
const CALL_BYTES = 32 * 1024 ** 2;

export interface CloneTask {
  readonly linux: LinuxCalls;
  readonly ranges: readonly LocalRange[];
  readonly to: FileHandle;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly notes: CloneNotes;
}

/** Implements `createVolumeFromBackup`. */
export async function createFromRanges(
  place: Place,
  ranges: readonly LocalRange[] | null,
  options: CloneOptions,
): Promise<CloneResult> {
  const way = await nativeWay(place, ranges);
  if (way.kind === 'not-supported') return way;
  const { linux } = way;
  await requirePool(place);
  const wasThere = await isThere(place);
  return onPool(place.poolName, async () => {
    const writer = await becomeWriter(place, options);
    const signal = AbortSignal.any([options.signal, writer.fenced]);
    let leavesNothing = false;
    try {
      const ascending = [...way.ranges].sort((one, other) => one.offsetBytes - other.offsetBytes);
      const task = { linux, ranges: ascending, signal, onProgress: options.onProgress };
      // What its owner has made of a volume that was whole is nothing to go on with.
      const checkpoint = writer.completed ? null : options.checkpoint;
      const noted = { ...options, checkpoint, signal };
      const result = await cloneInto(place, noted, (to, notes) => cloneRanges({ ...task, to, notes }));
      leavesNothing = result.kind === 'not-supported' && !wasThere;
      return result;
    } finally {
      await writer.leave(leavesNothing ? 'gone' : 'kept');
    }
  });
}

/** What the kernel is to do, where it can be asked at all. */
export type NativeWay =
  | { readonly kind: 'open'; readonly linux: LinuxCalls; readonly ranges: readonly LocalRange[] }
  | ReturnType<typeof notSupported>;

/** What can be said before the file systems are asked. @throws Refusal('InvalidVolume') for data beyond the volume's end */
export async function nativeWay(place: Place, ranges: readonly LocalRange[] | null): Promise<NativeWay> {
  if (!ranges) return notSupported("the backup's objects are compressed or not on this machine");
  const linux = await linuxCalls();
  if (!linux) return notSupported('copy_file_range(2) exists on Linux only');
  if (ranges.some((range) => endOf(range) > place.sizeBytes)) {
    throw new Refusal('InvalidVolume', `The backup's data does not fit on volume ${place.volumeId}.`);
  }
  return { kind: 'open', linux, ranges };
}

/** It appears under its name when it is complete and durable, and still wanted. Goes on with what an earlier attempt made of it. */
async function cloneInto(
  place: Place,
  options: CloneOptions,
  fill: (to: FileHandle, notes: CloneNotes) => Promise<string | null>,
): Promise<CloneResult> {
  if (await isCloned(place, options)) return { kind: 'created' };
  try {
    const { handle, doneBytes } = await openUnfinished(place, options);
    try {
      const reason = await fill(handle, await cloneNotes(handle, options, doneBytes));
      if (reason !== null) return notSupported(reason);
      await handle.sync();
      options.signal.throwIfAborted();
    } finally {
      await handle.close();
    }
    await rename(place.unfinishedClone, place.file);
    await syncFolder(place.folder);
    return { kind: 'created' };
  } finally {
    await rm(place.unfinishedClone, { force: true });
  }
}

export function notSupported(reason: string) {
  return { kind: 'not-supported', reason } as const;
}

/**
 * Lets the kernel copy every range to its offset in `to`; XFS and btrfs share the blocks instead of copying them.
 * Returns why the kernel can't do that between these files, or null when all is done.
 * @throws Refusal('BackupDamaged') if a source file is too short; the signal's reason
 */
export async function cloneRanges(task: CloneTask): Promise<string | null> {
  const totalBytes = task.ranges.reduce((sum, range) => sum + range.lengthBytes, 0);
  let doneBytes = task.ranges.reduce((sum, range) => sum + task.notes.doneOf(range), 0);
  try {
    for (const range of task.ranges) {
      await cloneRange(task, range, (bytes) => {
        doneBytes += bytes;
        task.onProgress(doneBytes, totalBytes);
      });
    }
    await task.notes.complete();
    return null;
  } catch (error) {
    if (hasCode(error, 'EXDEV')) return "the backup's objects lie on another file system";
    if (hasCode(error, 'ENOTSUP', 'ENOSYS')) return 'this file system cannot copy ranges between files';
    throw error;
  }
}

async function cloneRange(task: CloneTask, range: LocalRange, onCopied: (bytes: number) => void): Promise<void> {
  const source = await open(range.path, 'r');
  try {
    for (let done = task.notes.doneOf(range); done < range.lengthBytes;) {
      task.signal.throwIfAborted();
      const copied = await task.linux.copyFileRange(
        { fd: source.fd, offsetBytes: range.pathOffsetBytes + done },
        { fd: task.to.fd, offsetBytes: range.offsetBytes + done },
        Math.min(CALL_BYTES, range.lengthBytes - done),
      );
      if (copied === 0) throw tooShort(range, done);
      done += copied;
      onCopied(copied);
      await task.notes.reached(range.offsetBytes + done);
    }
  } finally {
    await source.close();
  }
}

function tooShort(range: LocalRange, doneBytes: number): Refusal {
  const [ends, needed] = [range.pathOffsetBytes + doneBytes, range.pathOffsetBytes + range.lengthBytes];
  return new Refusal(
    'BackupDamaged',
    `The backup's file ${range.path} ends at byte ${ends}, but ${needed} are needed.`,
  );
}
