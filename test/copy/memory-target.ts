import { randomUUID } from 'node:crypto';
import type { VolumeTarget } from '../../src/domain/volume-target';

/** A volume of a few bytes. Calls take a turn of the event loop, as with a real one. */
export class MemoryTarget implements VolumeTarget {
  readonly isZeroed: boolean;
  readonly identity: string = randomUUID();
  bootId = 'this boot';
  /** What was called, in order, for tests that care. */
  readonly calls: ('write' | 'zero' | 'read' | 'flush')[] = [];

  constructor(
    readonly bytes: Buffer,
    { isZeroed = false } = {},
  ) {
    this.isZeroed = isZeroed;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  async write(offsetBytes: number, data: Uint8Array): Promise<void> {
    await this.turn('write', offsetBytes, data.length);
    this.bytes.set(data, offsetBytes);
  }

  async zero(offsetBytes: number, lengthBytes: number): Promise<void> {
    await this.turn('zero', offsetBytes, lengthBytes);
    this.bytes.fill(0, offsetBytes, offsetBytes + lengthBytes);
  }

  async read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
    await this.turn('read', offsetBytes, lengthBytes);
    return Uint8Array.from(this.bytes.subarray(offsetBytes, offsetBytes + lengthBytes));
  }

  async flush(): Promise<void> {
    await this.turn('flush', 0, 0);
  }

  markWhole(): void {
    // Nobody asks.
  }

  async close(): Promise<void> {
    // Nothing outlives a call.
  }

  private async turn(call: (typeof this.calls)[number], offsetBytes: number, lengthBytes: number): Promise<void> {
    if (offsetBytes < 0 || offsetBytes + lengthBytes > this.sizeBytes) throw new RangeError('Outside the volume.');
    this.calls.push(call);
    await new Promise(setImmediate);
  }
}

export function zeroedTarget(sizeBytes: number): MemoryTarget {
  return new MemoryTarget(Buffer.alloc(sizeBytes), { isZeroed: true });
}

/** What an earlier owner of the space left (W-2). */
export function noisyTarget(sizeBytes: number): MemoryTarget {
  return new MemoryTarget(Buffer.alloc(sizeBytes, 'noise of an earlier owner '));
}
