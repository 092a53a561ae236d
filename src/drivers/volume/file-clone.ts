import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Refusal } from '../../domain/errors';
import type { LocalRange } from '../../domain/extent';
import type { LinuxCalls } from './linux';
import { hasCode } from './system-error';

/** At most so much per system call, which can't be interrupted. */
const CALL_BYTES = 64 * 1024 ** 2;

export interface CloneTask {
  readonly linux: LinuxCalls;
  readonly ranges: readonly LocalRange[];
  readonly to: FileHandle;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Lets the kernel copy every range to its offset in `to`; XFS and btrfs share the blocks instead of copying them.
 * Returns why the kernel can't do that between these files, or null when all is done.
 * @throws Refusal('BackupDamaged') if a source file is too short; the signal's reason
 */
export async function cloneRanges(task: CloneTask): Promise<string | null> {
  const totalBytes = task.ranges.reduce((sum, range) => sum + range.lengthBytes, 0);
  let doneBytes = 0;
  try {
    for (const range of task.ranges) {
      await cloneRange(task, range, (bytes) => {
        doneBytes += bytes;
        task.onProgress(doneBytes, totalBytes);
      });
    }
    return null;
  } catch (error) {
    if (hasCode(error, 'EXDEV')) return "the backup's objects lie on another file system";
    if (hasCode(error, 'EOPNOTSUPP', 'ENOSYS')) return 'this file system cannot copy ranges between files';
    throw error;
  }
}

async function cloneRange(task: CloneTask, range: LocalRange, onCopied: (bytes: number) => void): Promise<void> {
  const source = await open(range.path, 'r');
  try {
    for (let done = 0; done < range.lengthBytes;) {
      task.signal.throwIfAborted();
      const copied = await task.linux.copyFileRange(
        { fd: source.fd, offsetBytes: range.pathOffsetBytes + done },
        { fd: task.to.fd, offsetBytes: range.offsetBytes + done },
        Math.min(CALL_BYTES, range.lengthBytes - done),
      );
      if (copied === 0) throw tooShort(range, done);
      done += copied;
      onCopied(copied);
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
