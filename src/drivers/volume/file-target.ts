import type { FileHandle } from 'node:fs/promises';
import type { VolumeTarget } from '../../domain/volume-target';
import type { LinuxCalls } from './linux';
import { hasCode, onPool } from './system-error';
import type { Writer } from './writer';

const MIB = 1024 ** 2;
const ZEROS = new Uint8Array(MIB);

export interface FileTargetParts {
  readonly handle: FileHandle;
  readonly writer: Writer;
  readonly poolName: string;
  readonly sizeBytes: number;
  readonly isZeroed: boolean;
  readonly identity: string;
  readonly bootId: string;
  readonly linux: LinuxCalls | null;
}

/** A volume file opened for writing. Once its writer is fenced, calls reject with `Refusal('Fenced')` and it closes. */
export class FileTarget implements VolumeTarget {
  readonly sizeBytes: number;
  readonly isZeroed: boolean;
  readonly identity: string;
  readonly bootId: string;
  private readonly inFlight = new Set<Promise<unknown>>();
  private closing: Promise<void> | null = null;
  private isWhole = false;
  private canPunch: boolean;

  /** Owns the handle and the writer from here on. */
  constructor(private readonly parts: FileTargetParts) {
    this.sizeBytes = parts.sizeBytes;
    this.isZeroed = parts.isZeroed;
    this.identity = parts.identity;
    this.bootId = parts.bootId;
    this.canPunch = parts.linux !== null;
    // A failure to close isn't lost: the fenced holder's own close() answers with it.
    const closeFenced = (): void => void this.close().catch(() => undefined);
    if (parts.writer.fenced.aborted) closeFenced();
    else parts.writer.fenced.addEventListener('abort', closeFenced, { once: true });
  }

  write(offsetBytes: number, data: Uint8Array): Promise<void> {
    return this.run(offsetBytes, data.length, () => this.writeFully(offsetBytes, data));
  }

  zero(offsetBytes: number, lengthBytes: number): Promise<void> {
    return this.run(offsetBytes, lengthBytes, async () => {
      if (lengthBytes === 0 || (await this.punched(offsetBytes, lengthBytes))) return;
      for (let done = 0; done < lengthBytes; done += ZEROS.length) {
        await this.writeFully(offsetBytes + done, ZEROS.subarray(0, Math.min(ZEROS.length, lengthBytes - done)));
      }
    });
  }

  read(offsetBytes: number, lengthBytes: number, { fromDisk } = { fromDisk: false }): Promise<Uint8Array> {
    return this.run(offsetBytes, lengthBytes, async () => {
      if (fromDisk) await this.parts.linux?.dropCached({ fd: this.parts.handle.fd, offsetBytes }, lengthBytes);
      const data = Buffer.allocUnsafe(lengthBytes);
      for (let done = 0; done < lengthBytes;) {
        const { bytesRead } = await this.parts.handle.read(data, done, lengthBytes - done, offsetBytes + done);
        if (bytesRead === 0) throw new Error(`The volume's file ends at byte ${offsetBytes + done}.`);
        done += bytesRead;
      }
      return data;
    });
  }

  flush(): Promise<void> {
    return this.run(0, 0, () => this.parts.handle.datasync());
  }

  markWhole(): void {
    this.isWhole = true;
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    // A descriptor closed under a call in flight could be another volume's by the time the call is carried out.
    await Promise.allSettled(this.inFlight);
    try {
      await this.parts.handle.close();
    } finally {
      await this.parts.writer.leave(this.isWhole ? 'whole' : 'unfinished');
    }
  }

  private async run<T>(offsetBytes: number, lengthBytes: number, work: () => Promise<T>): Promise<T> {
    this.parts.writer.fenced.throwIfAborted();
    if (this.closing) throw new Error('The volume target is closed.');
    if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes + lengthBytes > this.sizeBytes) {
      throw new RangeError(`${lengthBytes} bytes at ${offsetBytes} are not within the volume's ${this.sizeBytes}.`);
    }
    const running = onPool(this.parts.poolName, work);
    this.inFlight.add(running);
    try {
      return await running;
    } finally {
      this.inFlight.delete(running);
    }
  }

  private async writeFully(offsetBytes: number, data: Uint8Array): Promise<void> {
    for (let done = 0; done < data.length;) {
      this.parts.writer.fenced.throwIfAborted();
      const { bytesWritten } = await this.parts.handle.write(data, done, data.length - done, offsetBytes + done);
      done += bytesWritten;
    }
  }

  /** Whether the file system could do it by giving the blocks back. */
  private async punched(offsetBytes: number, lengthBytes: number): Promise<boolean> {
    if (!this.parts.linux || !this.canPunch) return false;
    try {
      await this.parts.linux.punchHole({ fd: this.parts.handle.fd, offsetBytes }, lengthBytes);
      return true;
    } catch (error) {
      // Node's name for EOPNOTSUPP.
      if (!hasCode(error, 'ENOTSUP', 'ENOSYS')) throw error;
      this.canPunch = false;
      return false;
    }
  }
}
