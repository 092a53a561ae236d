import { Refusal } from '../domain/errors';
import { endOf } from '../domain/extent';
import type { Extent } from '../domain/extent';
import type { VolumeTarget } from '../domain/volume-target';
import type { BackupImage } from '../image/backup-image';
import { orAborted } from './or-aborted';

const PIECE_BYTES = 1024 ** 2;

export interface TargetPiece {
  readonly offsetBytes: number;
  readonly data: Uint8Array;
}

export interface TargetReading {
  readonly target: VolumeTarget;
  readonly signal: AbortSignal;
  readonly fromDisk?: boolean;
}

/** Reads a range back, one piece ahead of the caller. */
export async function* targetPieces(
  { target, signal, fromDisk = false }: TargetReading,
  extent: Extent,
): AsyncGenerator<TargetPiece> {
  const readAt = (offsetBytes: number): Promise<Uint8Array> =>
    target.read(offsetBytes, Math.min(PIECE_BYTES, endOf(extent) - offsetBytes), { fromDisk });
  let ahead = readAt(extent.offsetBytes);
  try {
    for (let offsetBytes = extent.offsetBytes; offsetBytes < endOf(extent);) {
      const data = await orAborted(ahead, signal);
      const next = offsetBytes + data.length;
      if (next < endOf(extent)) ahead = readAt(next);
      yield { offsetBytes, data };
      offsetBytes = next;
    }
  } finally {
    await Promise.allSettled([ahead]);
  }
}

/** @throws Refusal('InvalidVolume') unless the image fits on the target */
export function requireFits({ backupId, plan }: BackupImage, { sizeBytes }: VolumeTarget): void {
  if (plan.sizeBytes <= sizeBytes) return;
  throw new Refusal(
    'InvalidVolume',
    `Backup ${backupId} holds an image of ${plan.sizeBytes} bytes, which does not fit on a volume of ${sizeBytes} bytes.`,
  );
}
