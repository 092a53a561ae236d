import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { GIB } from '../../../src/domain/volume';
import type { VolumeTarget } from '../../../src/domain/volume-target';
import type { CloneOptions, VolumeDriver, VolumeOnPool, WriteOptions } from '../../../src/drivers/volume/driver';

const MIB = 1024 ** 2;

/** One backend with an empty pool, made for one test. */
export interface DriverUnderTest {
  readonly driver: VolumeDriver;
  /** The pool's full name, `host@backend#pool`. */
  readonly poolName: string;
  dispose(): Promise<void>;
}

/** A volume of 1 GiB that doesn't exist yet. */
export function newVolume(poolName: string, sizeGib = 1): VolumeOnPool {
  return { id: randomUUID(), sizeGib, poolName };
}

export function attempt(epoch: number, signal = new AbortController().signal): WriteOptions {
  return { epoch, signal };
}

export function cloning(epoch: number): CloneOptions {
  return { ...attempt(epoch), onProgress: () => undefined };
}

/** Bytes that aren't zero and differ from place to place. */
export function pattern(lengthBytes: number, seed = 1): Buffer {
  const data = Buffer.alloc(lengthBytes);
  for (let index = 0; index < lengthBytes; index += 1) data[index] = 1 + ((index * 31 + seed * 97) % 255);
  return data;
}

/** Jest's own comparison takes seconds for some MiB. */
export function expectBytes(found: Uint8Array, expected: Uint8Array): void {
  const differing =
    found.length === expected.length && Buffer.compare(found, expected) === 0 ? -1 : firstDiffering(found, expected);
  expect({ length: found.length, differing }).toEqual({ length: expected.length, differing: -1 });
}

function firstDiffering(found: Uint8Array, expected: Uint8Array): number {
  return found.findIndex((byte, index) => byte !== expected[index]);
}

/** What every volume driver owes to whoever calls it: the contract on `VolumeDriver` and `VolumeTarget`. */
export function describeVolumeDriver(kind: string, make: () => Promise<DriverUnderTest>): void {
  describe(`volume driver ${kind}: the contract`, () => {
    let under: DriverUnderTest;
    let volume: VolumeOnPool;

    beforeEach(async () => {
      under = await make();
      volume = newVolume(under.poolName);
    });
    afterEach(() => under.dispose());

    async function onTarget<T>(epoch: number, work: (target: VolumeTarget) => Promise<T>): Promise<T> {
      const target = await under.driver.openTarget(volume, attempt(epoch));
      try {
        return await work(target);
      } finally {
        await target.close();
      }
    }

    it('reports its pool by its full name, with capacities in GiB that fit together', async () => {
      const [report, ...others] = await under.driver.reportPools();
      expect(others).toEqual([]);
      expect(report?.name).toBe(under.poolName);
      expect(report?.totalCapacityGib).toBeGreaterThan(0);
      expect(report?.freeCapacityGib).toBeGreaterThanOrEqual(0);
      expect(report?.freeCapacityGib).toBeLessThanOrEqual(report?.totalCapacityGib ?? 0);
    });

    it('makes a volume of exactly its size that reads zero', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, async (target) => {
        expect(target.sizeBytes).toBe(GIB);
        expectBytes(await target.read(0, MIB), Buffer.alloc(MIB));
        expectBytes(await target.read(GIB - MIB, MIB), Buffer.alloc(MIB));
      });
    });

    it('keeps what was written when a lost answer makes the creation run again', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, (target) => target.write(5, pattern(100)));
      await under.driver.createVolume(volume);
      expectBytes(await onTarget(2, (target) => target.read(5, 100)), pattern(100));
    });

    it('makes one volume when two creations run at once', async () => {
      await Promise.all([under.driver.createVolume(volume), under.driver.createVolume(volume)]);
      await onTarget(1, async (target) => expect(target.sizeBytes).toBe(GIB));
    });

    it('lists what lies on its pool: volumes with what they take, and nothing that has been deleted', async () => {
      const empty = newVolume(under.poolName);
      expect(await under.driver.listVolumes()).toEqual([{ poolName: under.poolName, volumes: [] }]);
      await under.driver.createVolume(volume);
      await under.driver.createVolume(empty);
      await onTarget(1, async (target) => {
        await target.write(0, pattern(MIB));
        await target.flush();
      });

      const [content] = await under.driver.listVolumes();

      const bytes = new Map(content?.volumes.map(({ volumeId, storedBytes }) => [volumeId, storedBytes]));
      expect([...bytes.keys()].sort()).toEqual([volume.id, empty.id].sort());
      expect(bytes.get(volume.id)).toBeGreaterThanOrEqual(MIB);
      expect(bytes.get(empty.id)).toBeLessThan(MIB);
      await under.driver.deleteVolume(volume);
      await under.driver.deleteVolume(empty);
      expect(await under.driver.listVolumes()).toEqual([{ poolName: under.poolName, volumes: [] }]);
    });

    it('refuses a pool that it does not have', async () => {
      const elsewhere = { ...volume, poolName: 'other@backend#pool' };
      await expect(under.driver.createVolume(elsewhere)).rejects.toMatchObject({ code: 'PoolRefused' });
    });

    it('deletes a volume with all that was written, and one that is not there', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, (target) => target.write(0, pattern(MIB)));
      await under.driver.deleteVolume(volume);
      await under.driver.deleteVolume(volume);
      await expect(under.driver.openTarget(volume, attempt(2))).rejects.toMatchObject({ code: 'VolumeNotFound' });
      await under.driver.createVolume(volume);
      expectBytes(await onTarget(1, (target) => target.read(0, MIB)), Buffer.alloc(MIB));
    });

    it('extends a volume: what it held stays, the new part reads zero, and once more changes nothing', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, async (target) => {
        await target.write(GIB - 100, pattern(100));
        await target.flush();
      });
      await under.driver.extendVolume(volume, 3, attempt(2));
      await under.driver.extendVolume(volume, 3, attempt(2));
      volume = { ...volume, sizeGib: 3 };
      await onTarget(3, async (target) => {
        expect(target.sizeBytes).toBe(3 * GIB);
        expectBytes(await target.read(GIB - 100, 200), Buffer.concat([pattern(100), Buffer.alloc(100)]));
        expectBytes(await target.read(3 * GIB - MIB, MIB), Buffer.alloc(MIB));
        await target.write(3 * GIB - 1, Buffer.of(1));
      });
    });

    it('never makes a volume smaller, nor one that is not there', async () => {
      await under.driver.createVolume(volume);
      await under.driver.extendVolume(volume, 3, attempt(1));
      await expect(under.driver.extendVolume(volume, 2, attempt(2))).rejects.toMatchObject({ code: 'InvalidVolume' });
      const absent = newVolume(under.poolName);
      await expect(under.driver.extendVolume(absent, 2, attempt(1))).rejects.toMatchObject({ code: 'VolumeNotFound' });
      await expect(under.driver.openTarget(absent, attempt(1))).rejects.toMatchObject({ code: 'VolumeNotFound' });
    });

    it('opens a volume at its own size whose extension failed after it had taken effect', async () => {
      await under.driver.createVolume(volume);
      await under.driver.extendVolume(volume, 2, attempt(1));
      await onTarget(2, async (target) => {
        expect(target.sizeBytes).toBe(GIB);
        await expect(target.write(GIB, Buffer.of(1))).rejects.toThrow(RangeError);
      });
    });

    it('extends no volume that somebody else writes, and takes it from a writer of an older epoch', async () => {
      await under.driver.createVolume(volume);
      const zombie = await under.driver.openTarget(volume, attempt(2));
      await expect(under.driver.extendVolume(volume, 2, attempt(1))).rejects.toMatchObject({ code: 'Fenced' });
      await under.driver.extendVolume(volume, 2, attempt(3));
      await expect(zombie.write(0, Buffer.of(7))).rejects.toMatchObject({ code: 'Fenced' });
      await zombie.close();
    });

    describe('a volume that was left whole', () => {
      const by = (id: string, begunEpoch: number) => ({ run: { id, begunEpoch } });
      const complete = async (epoch: number, runId: string): Promise<string> => {
        const target = await under.driver.openTarget(volume, { ...attempt(epoch), ...by(runId, 0) });
        target.markWhole();
        await target.close();
        return target.identity;
      };
      beforeEach(() => under.driver.createVolume(volume));

      it('is written over by nobody who was to do just that, and does not know that it is done', async () => {
        await complete(5, 'forgotten');
        const open = under.driver.openTarget(volume, { ...attempt(7), ...by('resumed', 4) });
        await expect(open).rejects.toMatchObject({ code: 'AlreadyComplete' });
        // A refusal leaves it as it was, also for those who come next.
        const again = under.driver.openTarget(volume, { ...attempt(8), ...by('resumed', 4) });
        await expect(again).rejects.toMatchObject({ code: 'AlreadyComplete' });
      });

      it('may be written by the run that did it and missed the answer, by one that was asked for since, and by who asks no question', async () => {
        const before = await complete(5, 'first');
        for (const [epoch, who] of [by('first', 0), by('second', 6), {}].entries()) {
          const target = await under.driver.openTarget(volume, { ...attempt(10 + epoch), ...who });
          // Whoever noted how far he came didn't mean what its owner has made of it since.
          expect(target.identity).not.toBe(before);
          await target.close();
        }
        await under.driver.extendVolume(volume, 2, attempt(20));
        volume = { ...volume, sizeGib: 2 };
        const open = under.driver.openTarget(volume, { ...attempt(21), ...by('resumed', 4) });
        await expect(open).rejects.toMatchObject({ code: 'AlreadyComplete' });
      });

      it('is forgotten with its data', async () => {
        await complete(5, 'first');
        await under.driver.deleteVolume(volume);
        await under.driver.createVolume(volume);
        const target = await under.driver.openTarget(volume, { ...attempt(7), ...by('other', 0) });
        await target.close();
      });
    });

    it('reads back what calls side by side wrote, at unaligned places and at the very end', async () => {
      await under.driver.createVolume(volume);
      const places = [3, 3 * MIB + 511, GIB - 4097].map((offset, seed) => ({ offset, data: pattern(4097, seed) }));
      await onTarget(1, async (target) => {
        await Promise.all(places.map(({ offset, data }) => target.write(offset, data)));
        await target.flush();
        for (const { offset, data } of places) expectBytes(await target.read(offset, data.length), data);
        expectBytes(await target.read(0, 3), Buffer.alloc(3));
      });
    });

    it('makes a range read zero, to the byte, and nothing beside it', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, async (target) => {
        await target.write(0, pattern(3 * MIB));
        await target.zero(MIB - 7, MIB + 13);
        const expected = pattern(3 * MIB);
        expected.fill(0, MIB - 7, 2 * MIB + 6);
        expectBytes(await target.read(0, 3 * MIB), expected);
      });
    });

    it('refuses to read, write or zero outside the volume', async () => {
      await under.driver.createVolume(volume);
      await onTarget(1, async (target) => {
        await expect(target.write(GIB - 1, Buffer.alloc(2))).rejects.toThrow(RangeError);
        await expect(target.zero(-1, 1)).rejects.toThrow(RangeError);
        await expect(target.read(GIB, 1)).rejects.toThrow(RangeError);
      });
    });

    it('says that a target is zeroed while nothing was written to it, and never after (W-2)', async () => {
      await under.driver.createVolume(volume);
      const before = await onTarget(1, async (target) => {
        await target.write(GIB / 2, Buffer.of(1));
        return target.isZeroed;
      });
      const after = await onTarget(2, async (target) => target.isZeroed);
      expect({ before, after }).toEqual({ before: true, after: false });
    });

    it('closes twice without harm, and lets nothing be written afterwards', async () => {
      await under.driver.createVolume(volume);
      const target = await under.driver.openTarget(volume, attempt(1));
      await Promise.all([target.close(), target.close()]);
      await expect(target.write(0, Buffer.of(1))).rejects.toThrow('closed');
    });

    it('awaits the calls in flight before it closes', async () => {
      await under.driver.createVolume(volume);
      const target = await under.driver.openTarget(volume, attempt(1));
      await target.write(0, pattern(32 * MIB));
      let done = 0;
      const count = (): number => (done += 1);
      const calls = Array.from({ length: 16 }, (_, index) =>
        index % 2 === 0
          ? target.write((32 + index) * MIB, pattern(MIB, index)).then(count)
          : target.zero(index * 2 * MIB, 2 * MIB).then(count),
      );
      await target.close();
      expect(done).toBe(16);
      await Promise.all(calls);
    });

    it('takes the volume from a writer of an older epoch in the same process, and fences it', async () => {
      await under.driver.createVolume(volume);
      const zombie = await under.driver.openTarget(volume, attempt(1));
      const inFlight = zombie.write(0, pattern(MIB));
      const target = await under.driver.openTarget(volume, attempt(2));
      await inFlight;
      await expect(zombie.write(0, Buffer.of(7))).rejects.toMatchObject({ code: 'Fenced' });
      await expect(zombie.flush()).rejects.toMatchObject({ code: 'Fenced' });
      await zombie.close();
      await target.write(0, pattern(MIB, 2));
      expectBytes(await target.read(0, MIB), pattern(MIB, 2));
      await target.close();
    });

    it('refuses an older epoch while a newer one writes, and after it has closed', async () => {
      await under.driver.createVolume(volume);
      await onTarget(5, async () => {
        await expect(under.driver.openTarget(volume, attempt(4))).rejects.toMatchObject({ code: 'Fenced' });
      });
      await expect(under.driver.openTarget(volume, attempt(4))).rejects.toMatchObject({ code: 'Fenced' });
    });

    it('lets one of two writers of the same epoch in, and the other one later', async () => {
      await under.driver.createVolume(volume);
      await onTarget(3, async () => {
        const refused: unknown = await under.driver.openTarget(volume, attempt(3)).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(Error);
        expect(refused).not.toHaveProperty('name', 'Refusal');
      });
      await onTarget(3, async (target) => expect(target.sizeBytes).toBe(GIB));
    });

    it('hands the volume to the newest of many that come at once, and to it alone', async () => {
      await under.driver.createVolume(volume);
      const epochs = [4, 1, 5, 3, 2];
      const outcomes = await Promise.allSettled(epochs.map((epoch) => under.driver.openTarget(volume, attempt(epoch))));
      const writes = await Promise.allSettled(
        outcomes.map(async (outcome, index) => {
          if (outcome.status === 'rejected') throw outcome.reason;
          await outcome.value.write(0, Buffer.of(epochs[index]!));
          return epochs[index];
        }),
      );
      const wrote = writes.flatMap((write) => (write.status === 'fulfilled' ? [write.value] : []));
      expect(wrote).toEqual([5]);
      for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.close();
    });

    it('takes a volume that is deleted from its writer', async () => {
      await under.driver.createVolume(volume);
      const zombie = await under.driver.openTarget(volume, attempt(1));
      await under.driver.deleteVolume(volume);
      await expect(zombie.write(0, Buffer.of(7))).rejects.toMatchObject({ code: 'Fenced' });
      await zombie.close();
      await under.driver.deleteVolume(volume);
      await expect(under.driver.openTarget(volume, attempt(2))).rejects.toMatchObject({ code: 'VolumeNotFound' });
    });

    it('does not open a volume for a caller who has given up', async () => {
      await under.driver.createVolume(volume);
      const reason = new Error('cancelled by the test');
      const given = attempt(1, AbortSignal.abort(reason));
      await expect(under.driver.openTarget(volume, given)).rejects.toBe(reason);
      await onTarget(1, async (target) => expect(target.sizeBytes).toBe(GIB));
    });

    it("answers 'not-supported' where the backup isn't local, and leaves nothing behind", async () => {
      const result = await under.driver.createVolumeFromBackup?.(volume, null, cloning(1));
      if (result) expect(result).toEqual({ kind: 'not-supported', reason: expect.any(String) });
      await expect(under.driver.openTarget(volume, attempt(1))).rejects.toMatchObject({ code: 'VolumeNotFound' });
    });

    it('foresees nothing where it could make nothing', async () => {
      const elsewhere = { ...volume, poolName: 'other@backend#pool' };
      const { signal } = attempt(1);
      const foreseen = await under.driver.foreseeVolumeFromBackup?.(volume, null, signal);
      if (!foreseen) return;
      expect(foreseen).toEqual(await under.driver.createVolumeFromBackup?.(volume, null, cloning(1)));
      const refused = expect(under.driver.foreseeVolumeFromBackup?.(elsewhere, null, signal)).rejects;
      await refused.toMatchObject({ code: 'PoolRefused' });
    });

    describe('its native way', () => {
      let folder: string;
      let source: string;
      const content = pattern(5 * MIB + 4321);

      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'rekindle-clone-'));
        source = join(folder, 'object');
        await writeFile(source, content);
      });
      afterEach(() => rm(folder, { recursive: true }));

      const clone = (signal = new AbortController().signal, epoch = 1) => {
        const ranges = [
          { offsetBytes: 0, lengthBytes: 2 * MIB, path: source, pathOffsetBytes: 0 },
          { offsetBytes: 3 * MIB + 7, lengthBytes: 2 * MIB + 4000, path: source, pathOffsetBytes: 3 * MIB + 321 },
        ];
        const progress: number[] = [];
        const options = { epoch, signal, onProgress: (done: number) => progress.push(done) };
        const driver = under.driver;
        return { ranges, progress, run: () => driver.createVolumeFromBackup?.(volume, ranges, options) };
      };

      it('makes the volume from ranges, zero elsewhere, or says why not and leaves nothing behind', async () => {
        const { run, progress } = clone();
        const result = await run();
        if (result?.kind !== 'created') {
          await expect(under.driver.openTarget(volume, attempt(1))).rejects.toMatchObject({ code: 'VolumeNotFound' });
          return;
        }
        expect(progress.at(-1)).toBe(4 * MIB + 4000);
        const expected = Buffer.alloc(6 * MIB);
        content.copy(expected, 0, 0, 2 * MIB);
        content.copy(expected, 3 * MIB + 7, 3 * MIB + 321, 5 * MIB + 4321);
        await onTarget(1, async (target) => {
          expect(target.sizeBytes).toBe(GIB);
          expect(target.isZeroed).toBe(false);
          expectBytes(await target.read(0, 6 * MIB), expected);
          expectBytes(await target.read(GIB - MIB, MIB), Buffer.alloc(MIB));
        });
      });

      it('is foreseen by what it says itself, and nothing is left of that', async () => {
        const { ranges, run } = clone();
        const { signal } = attempt(1);
        const foreseen = await under.driver.foreseeVolumeFromBackup?.(volume, ranges, signal);
        if (!foreseen || foreseen.kind === 'unknown') return;
        const opened = under.driver.openTarget(volume, attempt(1));
        await expect(opened).rejects.toMatchObject({ code: 'VolumeNotFound' });
        const result = await run();
        expect(result?.kind === 'created' ? { kind: 'supported' } : result).toEqual(foreseen);
      });

      it('makes it afresh when an earlier attempt left something, and fences its writer', async () => {
        await under.driver.createVolume(volume);
        const zombie = await under.driver.openTarget(volume, attempt(1));
        await zombie.write(2 * MIB, pattern(1000));
        const result = await clone(undefined, 2).run();
        if (result?.kind === 'created') {
          await expect(zombie.write(0, Buffer.of(1))).rejects.toMatchObject({ code: 'Fenced' });
          expectBytes(await onTarget(2, (target) => target.read(2 * MIB, 1000)), Buffer.alloc(1000));
        }
        await zombie.close();
      });

      it('stops when it is told to, with the reason, and can be repeated', async () => {
        const reason = new Error('cancelled by the test');
        const aborted = clone(AbortSignal.abort(reason)).run();
        if (!aborted) return;
        await expect(aborted).rejects.toBe(reason);
        const { kind } = (await clone().run()) ?? {};
        expect(['created', 'not-supported']).toContain(kind);
      });

      it('refuses a backup whose file is too short', async () => {
        const file = await open(source, 'r+');
        await file.truncate(4 * MIB);
        await file.close();
        const result = clone().run();
        if (result) await expect(result).rejects.toMatchObject({ code: 'BackupDamaged' });
      });
    });
  });
}
