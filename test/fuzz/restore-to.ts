import { copyImage } from '../../src/copy/copy-image';
import { objectReader } from '../../src/copy/object-reader';
import { PieceSlots, SLOT_BYTES } from '../../src/copy/piece-slots';
import type { BackupLink } from '../../src/domain/backup';
import type { VolumeTarget } from '../../src/domain/volume-target';
import { openBackupDrivers } from '../../src/drivers/backup/registry';
import { openBackupImage } from '../../src/image/open';

export interface RestoreOptions {
  readonly root: string;
  /** The chain, leaf first. */
  readonly chain: readonly BackupLink[];
  readonly target: VolumeTarget;
  readonly allowUnverified?: boolean;
}

/** Of two readers, so that objects are read side by side. */
const MEMORY = [1, 2].map(() => new PieceSlots(new ArrayBuffer(3 * SLOT_BYTES)));

/** The product's own way from a repository to a volume, and the only place here that knows how the copy engine is called. */
export async function restoreTo({ root, chain, target, allowUnverified }: RestoreOptions): Promise<void> {
  const drivers = openBackupDrivers([{ driver: 'posix', path: root }]);
  const storeOf = ({ service }: BackupLink) => drivers.driverFor(service);
  const image = await openBackupImage({ chain, storeOf, allowUnverified });
  const reading = { ...image, sizeBytes: image.plan.sizeBytes };
  await copyImage({
    image,
    target,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    readers: MEMORY.map((slots) => objectReader(reading, slots)),
    keepsRest: false,
    checkpoint: null,
    saveCheckpoint: async () => undefined,
    permit: async () => undefined,
  });
}

/** Two attempts on one volume: the first loses the volume at one of its writes, the second finishes, by what it finds there. */
export async function restoreInterrupted(options: RestoreOptions, { atWrite }: { atWrite: number }): Promise<void> {
  const lost = new Error('The volume is lost.');
  try {
    await restoreTo({ ...options, target: failingTarget(options.target, { atWrite, error: lost }) });
  } catch (error) {
    if (error !== lost) throw error;
    await restoreTo({ ...options, target: usedTarget(options.target) });
  }
}

/** Fails for good at one of its writes, as a volume does that another writer has taken over. */
function failingTarget(target: VolumeTarget, { atWrite, error }: { atWrite: number; error: Error }): VolumeTarget {
  let calls = 0;
  const count = async (): Promise<void> => {
    calls += 1;
    if (calls >= atWrite) throw error;
  };
  return {
    ...usedTarget(target),
    isZeroed: target.isZeroed,
    write: (offsetBytes, data) => count().then(() => target.write(offsetBytes, data)),
    zero: (offsetBytes, lengthBytes) => count().then(() => target.zero(offsetBytes, lengthBytes)),
  };
}

/** The same volume, opened again: nobody knows any more what it holds. */
function usedTarget(target: VolumeTarget): VolumeTarget {
  return {
    sizeBytes: target.sizeBytes,
    identity: target.identity,
    bootId: target.bootId,
    isZeroed: false,
    write: (offsetBytes, data) => target.write(offsetBytes, data),
    zero: (offsetBytes, lengthBytes) => target.zero(offsetBytes, lengthBytes),
    read: (offsetBytes, lengthBytes) => target.read(offsetBytes, lengthBytes),
    flush: () => target.flush(),
    markWhole: () => target.markWhole(),
    close: () => target.close(),
  };
}
