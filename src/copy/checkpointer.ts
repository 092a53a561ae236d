import type { Checkpoint } from '../domain/checkpoint';
import type { VolumeTarget } from '../domain/volume-target';
import type { FinishedRanges } from './finished-ranges';

/** A checkpoint is due after so much or so long, whichever is first. */
const EVERY_BYTES = 32 * 1024 ** 2;
const EVERY_MS = 5_000;
/** So much, and no more, has to be written once more by an attempt that goes on from the last checkpoint. */
const MOST_UNSAVED_BYTES = 64 * 1024 ** 2;

export interface CheckpointerOptions {
  readonly target: VolumeTarget;
  readonly finished: FinishedRanges;
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
}

/** Flushes the target and saves what is finished, while the copy goes on. */
export class Checkpointer {
  private acceptedBytes = 0;
  private finishedBytes = 0;
  private savedBytes = 0;
  private lastMs = performance.now();
  private running: Promise<void> | null = null;
  private failure: { readonly error: unknown } | null = null;

  constructor(private readonly options: CheckpointerOptions) {}

  /** Returns when so many more bytes may be written. @throws what the last checkpoint was answered */
  async accept(bytes: number): Promise<void> {
    this.acceptedBytes += bytes;
    while (this.acceptedBytes - this.savedBytes > MOST_UNSAVED_BYTES && this.running) await this.running;
    this.throwFailure();
  }

  /** So many bytes more stand in `finished`. */
  noteFinished(bytes: number): void {
    this.finishedBytes += bytes;
    const isDue = this.finishedBytes - this.savedBytes >= EVERY_BYTES || performance.now() - this.lastMs >= EVERY_MS;
    if (isDue) this.start();
  }

  /** Returns when none is being written any more. */
  async settle(): Promise<void> {
    await this.running;
  }

  throwFailure(): void {
    if (this.failure) throw this.failure.error;
  }

  private start(): void {
    if (this.running || this.failure) return;
    this.running = this.saveNow()
      .catch((error: unknown) => {
        this.failure = { error };
      })
      .finally(() => {
        this.running = null;
      });
  }

  /** What is finished now is durable after the flush; what is written meanwhile waits for the next. */
  private async saveNow(): Promise<void> {
    const { target, finished, save } = this.options;
    const bytes = this.finishedBytes;
    const ranges = finished.list();
    await target.flush();
    await save({ target: target.identity, bootId: target.bootId, zerosDone: true, finished: ranges });
    this.savedBytes = bytes;
    this.lastMs = performance.now();
  }
}
