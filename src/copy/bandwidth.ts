import { setTimeout as sleep } from 'node:timers/promises';
import type { BandwidthLimit } from './copy';

/** So much of a second may be used at once: a limit is kept over any longer time. */
const BURST_SECONDS = 0.1;
/** Without a limit, so much is permitted at a time; a limit that is set meanwhile holds from then on. */
const UNLIMITED_BYTES = 16 * 1024 ** 2;

/** Shares a number of bytes per second among those who ask, in the order of their questions. It may change at any time. */
export class Bandwidth implements BandwidthLimit {
  private atMs = performance.now();
  /** Below zero: what was permitted ahead of its time. */
  private availableBytes = 0;
  private queue: Promise<unknown> = Promise.resolve();

  /** @param bytesPerSecond null: no limit */
  constructor(private bytesPerSecond: number | null) {}

  limit(bytesPerSecond: number | null): void {
    this.refill();
    this.bytesPerSecond = bytesPerSecond;
    this.availableBytes = Math.min(0, this.availableBytes);
  }

  /** Returns when at least so many bytes may be moved; answers how many may. @throws the signal's reason */
  permit(bytes: number, signal: AbortSignal): Promise<number> {
    const permitted = this.queue.then(
      () => this.take(bytes, signal),
      () => this.take(bytes, signal),
    );
    this.queue = permitted.catch(() => undefined);
    return permitted;
  }

  private async take(bytes: number, signal: AbortSignal): Promise<number> {
    for (;;) {
      signal.throwIfAborted();
      if (this.bytesPerSecond === null) return Math.max(bytes, UNLIMITED_BYTES);
      this.refill();
      // What is asked for may be more than a burst: it is given on credit, and the next one waits for longer.
      if (this.availableBytes >= 0) break;
      const waitMs = Math.min(1_000, (-this.availableBytes * 1_000) / this.bytesPerSecond);
      await sleep(Math.ceil(waitMs), undefined, { signal }).catch(() => undefined);
    }
    this.availableBytes -= bytes;
    return bytes;
  }

  private refill(): void {
    const nowMs = performance.now();
    if (this.bytesPerSecond !== null) {
      const earned = ((nowMs - this.atMs) * this.bytesPerSecond) / 1_000;
      this.availableBytes = Math.min(this.availableBytes + earned, this.bytesPerSecond * BURST_SECONDS);
    }
    this.atMs = nowMs;
  }
}
