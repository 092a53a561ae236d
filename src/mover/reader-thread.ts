import { Worker } from 'node:worker_threads';
import type { ObjectReader, ReadPiece } from '../copy/copy';
import { orAborted } from '../copy/or-aborted';
import { SLOT_BYTES } from '../copy/piece-slots';
import type { Extent } from '../domain/extent';
import type { PlannedObject } from '../image/backup-image';
import { errorOf } from './faults';
import type { FromThread, SharedImage, ThreadSettings, ToThread } from './thread-protocol';

/** A thread that reads objects, from the side of those who want them. */
export class ReaderThread {
  private readonly worker: Worker;
  private received: FromThread[] = [];
  private wake: () => void = () => undefined;
  private death: Error | null = null;

  constructor(
    entry: string,
    private readonly settings: ThreadSettings,
  ) {
    this.worker = new Worker(entry);
    this.send({ kind: 'settings', settings });
    this.worker.on('message', (message: FromThread) => {
      this.received.push(message);
      this.wake();
    });
    this.worker.on('error', (error) => this.die(error instanceof Error ? error : new Error(String(error))));
    this.worker.on('exit', () => this.die(new Error('A thread that reads objects has ended.')));
    // Idle, it keeps no process alive.
    this.worker.unref();
  }

  /** Reads objects of this image. */
  readerOf(image: SharedImage): ObjectReader {
    return { read: (object, signal) => this.read(image, object, signal) };
  }

  /** False once a read was left in the middle: what it still does is not waited for. */
  get isUsable(): boolean {
    return this.death === null;
  }

  private async *read(image: SharedImage, object: PlannedObject, signal: AbortSignal): AsyncGenerator<ReadPiece> {
    signal.throwIfAborted();
    this.worker.ref();
    this.send({ kind: 'read', image, object });
    let isOver = false;
    try {
      while (!isOver) {
        const message = await orAborted(this.next(), signal);
        isOver = message.kind !== 'piece';
        if (message.kind === 'piece') yield this.pieceOf(message);
        else if (message.kind === 'failed') throw errorOf(message.fault);
      }
    } finally {
      if (isOver) this.worker.unref();
      else void this.end();
    }
  }

  private pieceOf({ slot, bytes, runs }: Extract<FromThread, { kind: 'piece' }>): ReadPiece {
    const extents: Extent[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      extents.push({ offsetBytes: runs[at] ?? 0, lengthBytes: runs[at + 1] ?? 0 });
    }
    return {
      runs: extents,
      data: new Uint8Array(this.settings.memory, slot * SLOT_BYTES, bytes),
      release: () => this.send({ kind: 'release', slot }),
    };
  }

  private async next(): Promise<FromThread> {
    for (;;) {
      const message = this.received.shift();
      if (message) return message;
      if (this.death) throw this.death;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  private async end(): Promise<void> {
    this.die(new Error('A thread that reads objects was ended.'));
    await this.worker.terminate();
  }

  private die(error: Error): void {
    this.death ??= error;
    this.wake();
  }

  private send(message: ToThread): void {
    this.worker.postMessage(message);
  }
}
