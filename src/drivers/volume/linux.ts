import { getSystemErrorName } from 'node:util';
import type koffiModule from 'koffi' with { 'resolution-mode': 'import' };

/** A place in an open file. */
export interface FilePosition {
  readonly fd: number;
  readonly offsetBytes: number;
}

/** System calls of Linux that `node:fs` lacks. They run on libuv's threads; failures carry `code`, as those of `node:fs` do. */
export interface LinuxCalls {
  /** fallocate(2): makes the range read zero and gives its blocks back; the file's size stays. */
  punchHole(at: FilePosition, lengthBytes: number): Promise<void>;
  /** posix_fadvise(2): what is cached of the range, and isn't dirty, is read from the disk next time. */
  dropCached(at: FilePosition, lengthBytes: number): Promise<void>;
  /** copy_file_range(2): how many bytes were copied, which may be fewer; 0 at the source's end. */
  copyFileRange(from: FilePosition, to: FilePosition, lengthBytes: number): Promise<number>;
}

/** linux/falloc.h */
const FALLOC_FL_KEEP_SIZE = 0x01;
const FALLOC_FL_PUNCH_HOLE = 0x02;

/** linux/fadvise.h */
const POSIX_FADV_DONTNEED = 4;

type Koffi = typeof koffiModule;

let calls: Promise<LinuxCalls> | null = null;

/** Loaded at first use; null where the kernel isn't Linux. */
export async function linuxCalls(): Promise<LinuxCalls | null> {
  if (process.platform !== 'linux') return null;
  calls ??= import('koffi').then((koffi) => bind(koffi.default));
  return calls;
}

function bind(koffi: Koffi): LinuxCalls {
  const libc = koffi.load(null);
  const fallocate = libc.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)');
  const fadvise = libc.func('int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)');
  const copyFileRange = libc.func(
    'int64_t copy_file_range(int fdIn, _Inout_ int64_t *offIn, int fdOut, _Inout_ int64_t *offOut, size_t length, unsigned int flags)',
  );
  return {
    punchHole: async ({ fd, offsetBytes }, lengthBytes) => {
      const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
      await call(koffi, { name: 'fallocate', native: fallocate }, [fd, mode, offsetBytes, lengthBytes]);
    },
    dropCached: async ({ fd, offsetBytes }, lengthBytes) => {
      // A piece of advice, and no promise: it answers an error number where others set errno, which is of no interest here.
      await call(koffi, { name: 'posix_fadvise', native: fadvise }, [
        fd,
        offsetBytes,
        lengthBytes,
        POSIX_FADV_DONTNEED,
      ]);
    },
    copyFileRange: (from, to, lengthBytes) =>
      call(koffi, { name: 'copy_file_range', native: copyFileRange }, [
        from.fd,
        [from.offsetBytes],
        to.fd,
        [to.offsetBytes],
        lengthBytes,
        0,
      ]),
  };
}

/** A function of libc, as koffi gives it. */
interface NativeFunction {
  readonly name: string;
  readonly native: { async(...args: unknown[]): unknown };
}

class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  constructor(
    readonly syscall: string,
    readonly code: string,
  ) {
    super(`${code}: ${syscall}`);
  }
}

function call(koffi: Koffi, { name, native }: NativeFunction, args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    native.async(...args, (fault: unknown, result: unknown) => {
      // koffi saves the errno of the thread that made the call, and restores it for this callback only (its call.cc,
      // AsyncCall::Complete): it's read before anything else could change it.
      const errno = koffi.errno();
      if (fault) reject(new Error(`${name} could not be called.`, { cause: fault }));
      else if (Number(result) >= 0) resolve(Number(result));
      else reject(new SystemCallError(name, getSystemErrorName(-errno)));
    });
  });
}
