import type { CopyImageOptions } from '../../src/copy/copy';
import { objectReader } from '../../src/copy/object-reader';
import { PieceSlots, SLOT_BYTES } from '../../src/copy/piece-slots';
import type { VolumeTarget } from '../../src/domain/volume-target';
import type { BackupImage } from '../../src/image/backup-image';

/** Memory of each reader, in pieces. */
export const SLOTS = 8;

/** A copy from the beginning, by one reader in this thread, of which nobody remembers how far it came. */
export function copying(image: BackupImage, target: VolumeTarget): CopyImageOptions {
  return {
    image,
    target,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    readers: [readerOf(image)],
    keepsRest: false,
    checkpoint: null,
    saveCheckpoint: async () => undefined,
    permit: async () => undefined,
  };
}

export function readerOf(image: BackupImage): ReturnType<typeof objectReader> {
  const slots = new PieceSlots(new ArrayBuffer(SLOTS * SLOT_BYTES));
  return objectReader({ ...image, sizeBytes: image.plan.sizeBytes }, slots);
}
