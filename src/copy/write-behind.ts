import type { VolumeTarget } from '../domain/volume-target';
import { orAborted } from './or-aborted';

const BATCH_BYTES = 1024 ** 2;
const BATCHES = 8;

interface Batch {
  readonly buffer: Buffer;
  readonly offsetBytes: number;
  lengthBytes: number;
}

/**
 * Gathers bytes into writes that end at multiples of 1 MiB, and lets up to 8 of them be in flight while the caller reads
 * and decodes on. Its buffers are all the memory it takes.
 */
export class WriteBehind {
  private readonly spare: Buffer[] = [];
  private readonly inFlight = new Set<Promise<void>>();
  private batch: Batch | null = null;
  private failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly target: VolumeTarget,
    private readonly signal: AbortSignal,
    private readonly onWritten: (bytes: number) => void,
  ) {}

  /** The data is free for reuse afterwards. @throws what an earlier write was answered */
  async write(offsetBytes: number, data: Uint8Array): Promise<void> {
    for (let done = 0; done < data.length;) {
      const batch = await this.batchAt(offsetBytes + done);
      const part = data.subarray(done, done + roomIn(batch));
      batch.buffer.set(part, batch.lengthBytes);
      batch.lengthBytes += part.length;
      done += part.length;
      if (roomIn(batch) === 0) this.send();
    }
  }

  /** Writes what is left, and returns when all is written. @throws what a write was answered */
  async finish(): Promise<void> {
    this.send();
    await this.settle();
    this.throwFailure();
  }

  /** Returns when no write is in flight any more, whatever came of it. */
  async settle(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  private async batchAt(offsetBytes: number): Promise<Batch> {
    if (this.batch && this.batch.offsetBytes + this.batch.lengthBytes !== offsetBytes) this.send();
    this.batch ??= { buffer: await this.freeBuffer(), offsetBytes, lengthBytes: 0 };
    return this.batch;
  }

  private async freeBuffer(): Promise<Buffer> {
    while (this.inFlight.size >= BATCHES) await orAborted(Promise.race(this.inFlight), this.signal);
    this.throwFailure();
    return this.spare.pop() ?? Buffer.allocUnsafe(BATCH_BYTES);
  }

  private send(): void {
    if (!this.batch) return;
    const writing = this.carryOut(this.batch).finally(() => this.inFlight.delete(writing));
    this.inFlight.add(writing);
    this.batch = null;
  }

  /** Never rejects. */
  private async carryOut({ buffer, offsetBytes, lengthBytes }: Batch): Promise<void> {
    try {
      await this.target.write(offsetBytes, buffer.subarray(0, lengthBytes));
      this.onWritten(lengthBytes);
    } catch (error) {
      this.failure ??= { error };
    }
    this.spare.push(buffer);
  }

  private throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }
}

function roomIn({ offsetBytes, lengthBytes }: Batch): number {
  return BATCH_BYTES - (offsetBytes % BATCH_BYTES) - lengthBytes;
}
