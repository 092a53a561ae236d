import { Worker } from 'node:worker_threads';
import type { ObjectReader, ReadPiece } from '../copy/copy';
import { orAborted } from '../copy/or-aborted';
import { SLOT_BYTES } from '../copy/piece-slots';
import type { Extent } from '../domain/extent';
import type { PlannedObject } from '../image/backup-image';
import { errorOf } from './faults';
import { Inbox } from './inbox';
import type { FromThread, SharedImage, ThreadSettings, ToThread } from './thread-protocol';

/** A thread that reads objects, from the side of those who want them. */
export class ReaderThread {
  private readonly worker: Worker;
  /** Of the reads that are under way. */
  private readonly inboxes = new Map<number, Inbox<FromThread>>();
  private lastId = 0;
  private death: Error | null = null;

  constructor(
    entry: string,
    private readonly settings: ThreadSettings,
  ) {
    this.worker = new Worker(entry);
    this.worker.on('message', (message: FromThread) => this.inboxes.get(message.id)?.put(message));
    this.worker.on('error', (error) => this.die(error instanceof Error ? error : new Error(String(error))));
    this.worker.on('exit', () => this.die(new Error('A thread that reads objects has ended.')));
    this.send({ kind: 'settings', settings });
    // Idle, it keeps no process alive.
    this.worker.unref();
  }

  /** False once a read was left in the middle: what it still does is not waited for. */
  get isUsable(): boolean {
    return this.death === null;
  }

  /** Reads objects of this image. There may be several readers of one thread: while one waits for the repository, another decodes. */
  readerOf(image: SharedImage): ObjectReader {
    return { read: (object, signal) => this.read(image, object, signal) };
  }

  private async *read(image: SharedImage, object: PlannedObject, signal: AbortSignal): AsyncGenerator<ReadPiece> {
    signal.throwIfAborted();
    if (this.death) throw this.death;
    const id = (this.lastId += 1);
    const inbox = this.openInbox(id);
    this.send({ kind: 'read', id, image, object });
    let isOver = false;
    try {
      while (!isOver) {
        const message = await orAborted(inbox.next(), signal);
        isOver = message.kind !== 'piece';
        if (message.kind === 'piece') yield this.pieceOf(message);
        else if (message.kind === 'failed') throw errorOf(message.fault);
      }
    } finally {
      this.closeInbox(id);
      if (!isOver) void this.end();
    }
  }

  private openInbox(id: number): Inbox<FromThread> {
    const inbox = new Inbox<FromThread>();
    this.inboxes.set(id, inbox);
    this.worker.ref();
    return inbox;
  }

  private closeInbox(id: number): void {
    this.inboxes.delete(id);
    if (this.inboxes.size === 0) this.worker.unref();
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

  private async end(): Promise<void> {
    this.die(new Error('A thread that reads objects was ended.'));
    await this.worker.terminate();
  }

  private die(error: Error): void {
    this.death ??= error;
    for (const inbox of this.inboxes.values()) inbox.fail(this.death);
  }

  private send(message: ToThread): void {
    this.worker.postMessage(message);
  }
}
