import type { VerifyTarget } from '../copy/copy';
import { Refusal } from '../domain/errors';
import type { VolumeDriver } from '../drivers/volume/driver';
import type { BackupImage } from '../image/backup-image';
import { mainCodec } from '../image/figures';
import type { Moved, MoveEvents, MoveJob } from './mover';

export function isAlreadyComplete(error: unknown): error is Refusal {
  return error instanceof Refusal && error.code === 'AlreadyComplete';
}

export interface CompleteParts {
  readonly driver: VolumeDriver;
  readonly image: BackupImage;
  readonly verifyTarget: VerifyTarget;
}

/**
 * A run that is no more has completed the volume, and the catalog doesn't know. If the volume still holds the backup's data, nobody has lost
 * anything but that answer, and it is given now; nothing is written.
 * @throws `refusal` where it holds something else by now
 */
export async function foundComplete(
  { driver, image, verifyTarget }: CompleteParts,
  { volume, epoch, readBack }: MoveJob,
  { events, refusal }: { readonly events: MoveEvents; readonly refusal: Refusal },
): Promise<Moved> {
  const { signal, onProgress, confirm } = events;
  const target = await driver.openTarget(volume, { epoch, signal, confirm });
  try {
    const { elapsedMs } = await verifyTarget({ image, target, signal, onProgress, fromDisk: readBack });
    target.markWhole();
    const { dataBytes } = image.plan;
    const times = { moveMs: 0, verifyMs: Math.round(elapsedMs) };
    return { location: driver.locate(volume), dataBytes, copiedBytes: 0, ...times, codec: mainCodec(image), readBack };
  } catch (error) {
    throw error instanceof Refusal && error.code === 'BackupDamaged' ? refusal : error;
  } finally {
    await target.close();
  }
}
