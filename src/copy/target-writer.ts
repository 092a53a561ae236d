import type { Extent } from '../domain/extent';
import type { VolumeTarget } from '../domain/volume-target';
import type { ReadPiece } from './copy';
import { orAborted } from './or-aborted';

export interface TargetWriterOptions {
  readonly target: VolumeTarget;
  readonly signal: AbortSignal;
  /** Whether the target may hold these bytes already, so that they are compared first. */
  readonly compares: boolean;
  readonly onWritten: (runs: readonly Extent[], bytes: number) => void;
}

/** Writes pieces while the next ones are read; what bounds the writes in flight is the memory of the readers. */
export class TargetWriter {
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | null = null;

  constructor(private readonly options: TargetWriterOptions) {}

  /** Begins to write; the piece is released when it is written. @throws what an earlier write was answered */
  write(piece: ReadPiece): void {
    const writing = this.carryOut(piece).finally(() => {
      piece.release();
      this.inFlight.delete(writing);
    });
    this.inFlight.add(writing);
    this.throwFailure();
  }

  /** Returns when all is written. @throws what a write was answered */
  async finish(): Promise<void> {
    await orAborted(this.settle(), this.options.signal);
    this.throwFailure();
  }

  /** Returns when no write is in flight any more, whatever came of it. */
  async settle(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  /** Never rejects. */
  private async carryOut({ runs, data }: ReadPiece): Promise<void> {
    try {
      let at = 0;
      for (const { offsetBytes, lengthBytes } of runs) {
        await this.writeRun(offsetBytes, data.subarray(at, at + lengthBytes));
        at += lengthBytes;
      }
      this.options.onWritten(runs, data.length);
    } catch (error) {
      this.failure ??= { error };
    }
  }

  private async writeRun(offsetBytes: number, data: Uint8Array): Promise<void> {
    const { target, compares } = this.options;
    if (compares && Buffer.compare(await target.read(offsetBytes, data.length), data) === 0) return;
    await target.write(offsetBytes, data);
  }

  private throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }
}
