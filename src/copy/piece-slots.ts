import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { ReadPiece } from './copy';
import { orAborted } from './or-aborted';

export const SLOT_BYTES = 1024 ** 2;

/** A buffer of 1 MiB that fills with bytes of the image. */
export class PieceSlot {
  private filledBytes = 0;
  private runs: Extent[] = [];
  private isOut = false;

  constructor(
    readonly index: number,
    private readonly buffer: Uint8Array,
    private readonly giveBack: (slot: PieceSlot) => void,
  ) {}

  get isFull(): boolean {
    return this.filledBytes === this.buffer.length;
  }

  get isEmpty(): boolean {
    return this.filledBytes === 0;
  }

  /** Takes what there is room for; answers how many bytes. */
  add(offsetBytes: number, data: Uint8Array): number {
    const part = data.subarray(0, this.buffer.length - this.filledBytes);
    this.buffer.set(part, this.filledBytes);
    this.filledBytes += part.length;
    const last = this.runs.at(-1);
    if (last && endOf(last) === offsetBytes) {
      this.runs[this.runs.length - 1] = {
        offsetBytes: last.offsetBytes,
        lengthBytes: last.lengthBytes + part.length,
      };
    } else this.runs.push({ offsetBytes, lengthBytes: part.length });
    return part.length;
  }

  /** Hands its content over; from here on it is the receiver's. */
  piece(): ReadPiece {
    this.isOut = true;
    const data = this.buffer.subarray(0, this.filledBytes);
    return { runs: this.runs, data, release: () => this.clear() };
  }

  /** For whoever stops in the middle: a no-op once it has been handed over. */
  giveBackUnused(): void {
    if (!this.isOut) this.clear();
  }

  private clear(): void {
    this.filledBytes = 0;
    this.runs = [];
    this.isOut = false;
    this.giveBack(this);
  }
}

/** All the memory that a reader's pieces take: it waits when all are in use. */
export class PieceSlots {
  private readonly free: PieceSlot[];
  private waiting: ((slot: PieceSlot) => void)[] = [];

  /** @param memory cut into slots; shared with another thread where the pieces go there */
  constructor(memory: ArrayBufferLike) {
    const count = Math.floor(memory.byteLength / SLOT_BYTES);
    this.free = Array.from({ length: count }, (_, index) => {
      const buffer = new Uint8Array(memory, index * SLOT_BYTES, SLOT_BYTES);
      return new PieceSlot(index, buffer, (slot) => this.put(slot));
    });
  }

  /** @throws the signal's reason */
  async take(signal: AbortSignal): Promise<PieceSlot> {
    const slot = this.free.pop();
    if (slot) return slot;
    let receive: (slot: PieceSlot) => void = () => undefined;
    const given = new Promise<PieceSlot>((resolve) => {
      receive = resolve;
    });
    this.waiting.push(receive);
    try {
      return await orAborted(given, signal);
    } catch (error) {
      if (!this.forget(receive)) this.put(await given);
      throw error;
    }
  }

  private put(slot: PieceSlot): void {
    const receive = this.waiting.shift();
    if (receive) receive(slot);
    else this.free.push(slot);
  }

  /** False if a slot is on its way to it. */
  private forget(receive: (slot: PieceSlot) => void): boolean {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((other) => other !== receive);
    return this.waiting.length < before;
  }
}
