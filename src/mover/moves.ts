import type { CopyImage, ObjectReader, VerifyTarget } from '../copy/copy';
import { Refusal } from '../domain/errors';
import { GIB } from '../domain/volume';
import { requireUnencrypted } from '../domain/volume-metadata';
import type { BackupDriver } from '../drivers/backup/driver';
import type { VolumeDriver } from '../drivers/volume/driver';
import type { BackupImage, OpenImage } from '../image/backup-image';
import type { Moved, MoveEvents, MoveJob, Movers, NativeMove } from './mover';
import { permitPurse } from './permit-purse';

export interface MoveParts {
  readonly volumeDriverOf: (poolName: string) => VolumeDriver;
  readonly backupDriverOf: (service: string) => BackupDriver;
  readonly openImage: OpenImage;
  readonly allowUnverified: boolean;
  readonly copyImage: CopyImage;
  readonly verifyTarget: VerifyTarget;
  /** Who reads the image's objects, for one copy. */
  readonly readersFor: (image: BackupImage) => readonly ObjectReader[];
}

/** Moves in this process, one after the other or several at once. */
export function movesHere(parts: MoveParts): Movers {
  return {
    createFromBackup: (job, events) => createFromBackup(parts, job, events),
    restoreBackup: (job, events) => restoreBackup(parts, job, events),
  };
}

async function restoreBackup(parts: MoveParts, job: MoveJob, events: MoveEvents): Promise<Moved> {
  const { volume, epoch, checkpoint, readBack, overwrites } = job;
  const { signal, onProgress, saveCheckpoint } = events;
  const image = await openImage(parts, job, events);
  if (overwrites) await admit(image, volume.sizeGib, events);
  const driver = parts.volumeDriverOf(volume.poolName);
  const target = await driver.openTarget(volume, { epoch, signal, confirm: events.confirm });
  try {
    const readers = parts.readersFor(image);
    const copy = { image, target, signal, onProgress };
    const permit = permitPurse(events.permit);
    const result = await parts.copyImage({
      ...copy,
      keepsRest: overwrites,
      ...{ readers, checkpoint, saveCheckpoint, permit },
    });
    const { dataBytes, copiedBytes } = result;
    const verifyMs = readBack ? Math.round((await parts.verifyTarget({ ...copy, fromDisk: true })).elapsedMs) : 0;
    return { location: driver.locate(volume), dataBytes, copiedBytes, moveMs: Math.round(result.elapsedMs), verifyMs };
  } finally {
    await target.close();
  }
}

async function createFromBackup(parts: MoveParts, job: MoveJob, events: MoveEvents): Promise<NativeMove> {
  const { volume, epoch, readBack } = job;
  const { signal } = events;
  const driver = parts.volumeDriverOf(volume.poolName);
  const image = await openImage(parts, job, events);
  await admit(image, volume.sizeGib, events);
  if (!driver.createVolumeFromBackup) return { kind: 'not-supported', reason: 'the driver has none' };
  const startedAt = performance.now();
  const onProgress = cloneProgress(events, startedAt);
  const options = { epoch, signal, confirm: events.confirm };
  const { saveCheckpoint } = events;
  const clone = { ...options, onProgress, checkpoint: job.checkpoint, saveCheckpoint };
  const result = await driver.createVolumeFromBackup(volume, await image.localRanges(), clone);
  if (result.kind === 'not-supported') return result;
  const moveMs = Math.round(performance.now() - startedAt);

  const target = await driver.openTarget(volume, options);
  try {
    const verified = await parts.verifyTarget({ ...events, image, target, fromDisk: readBack });
    const { dataBytes } = image.plan;
    const location = driver.locate(volume);
    const verifyMs = Math.round(verified.elapsedMs);
    return { kind: 'created', moved: { location, dataBytes, copiedBytes: dataBytes, moveMs, verifyMs } };
  } finally {
    await target.close();
  }
}

/** What can't be restored is refused before anything is made or written. */
async function admit(image: BackupImage, sizeGib: number, { onPlanned }: MoveEvents): Promise<void> {
  requireFits(image, sizeGib);
  // The record may not know of the key (W-14): `volume_meta` does.
  requireUnencrypted(image.backupId, image.volumeMeta?.encryptionKeyId ?? null);
  await onPlanned(image.volumeMeta);
}

/** Plans the restore of a backup from its whole chain. */
function openImage(parts: MoveParts, { chain }: MoveJob, { signal }: MoveEvents): Promise<BackupImage> {
  const { allowUnverified, backupDriverOf } = parts;
  return parts.openImage({ chain, storeOf: ({ service }) => backupDriverOf(service), signal, allowUnverified });
}

function cloneProgress({ onProgress }: MoveEvents, startedAt: number) {
  return (doneBytes: number, totalBytes: number): void => {
    const bytesPerSecond = (doneBytes * 1000) / Math.max(1, performance.now() - startedAt);
    onProgress({ phase: 'clone', doneBytes, totalBytes, bytesPerSecond });
  };
}

/** F-6: a backup of a device that was larger than its volume's size in GiB. */
function requireFits(image: BackupImage, sizeGib: number): void {
  const { sizeBytes } = image.plan;
  if (sizeBytes <= sizeGib * GIB) return;
  throw new Refusal(
    'InvalidVolume',
    `Backup ${image.backupId} holds ${sizeBytes} bytes, which a volume of ${sizeGib} GiB can't. ` +
      `It takes one of at least ${Math.ceil(sizeBytes / GIB)} GiB.`,
  );
}
