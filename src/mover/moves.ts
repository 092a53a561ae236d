import type { CopyImage, ObjectReader, VerifyTarget } from '../copy/copy';
import { Refusal } from '../domain/errors';
import type { RestorePath } from '../domain/explanation';
import { GIB } from '../domain/volume';
import { requireUnencrypted } from '../domain/volume-metadata';
import type { BackupDriver } from '../drivers/backup/driver';
import type { VolumeTarget } from '../domain/volume-target';
import type { CloneResult, VolumeDriver } from '../drivers/volume/driver';
import type { BackupImage, OpenImage } from '../image/backup-image';
import { foundComplete, isAlreadyComplete } from './already-complete';
import { figuresOf, mainCodec } from '../image/figures';
import type { Moved, MoveEvents, MoveJob, Movers, NativeMove, PlanEvents, PlanJob, PlannedMove } from './mover';
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
    planRestore: (job, events) => planRestore(parts, job, events),
  };
}

async function restoreBackup(parts: MoveParts, job: MoveJob, events: MoveEvents): Promise<Moved> {
  const { volume, epoch, run, checkpoint, readBack, overwrites } = job;
  const { signal, onProgress, saveCheckpoint } = events;
  const image = await openImage(parts, job, events);
  if (overwrites) await admit(image, volume.sizeGib, events);
  const driver = parts.volumeDriverOf(volume.poolName);
  let target: VolumeTarget;
  try {
    target = await driver.openTarget(volume, { epoch, run, signal, confirm: events.confirm });
  } catch (error) {
    if (!isAlreadyComplete(error)) throw error;
    return foundComplete({ ...parts, driver, image }, job, { events, refusal: error });
  }
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
    target.markWhole();
    const times = { moveMs: Math.round(result.elapsedMs), verifyMs };
    return { location: driver.locate(volume), dataBytes, copiedBytes, ...times, codec: mainCodec(image), readBack };
  } finally {
    await target.close();
  }
}

async function createFromBackup(parts: MoveParts, job: MoveJob, events: MoveEvents): Promise<NativeMove> {
  const { volume, epoch, run, readBack } = job;
  const { signal } = events;
  const driver = parts.volumeDriverOf(volume.poolName);
  const image = await openImage(parts, job, events);
  await admit(image, volume.sizeGib, events);
  if (!driver.createVolumeFromBackup) return { kind: 'not-supported', reason: NO_NATIVE_WAY };
  const startedAt = performance.now();
  const onProgress = cloneProgress(events, startedAt);
  const ranges = await image.localRanges();
  const options = { epoch, run, signal, confirm: events.confirm };
  const noted = { ...options, onProgress, checkpoint: job.checkpoint, saveCheckpoint: events.saveCheckpoint };
  const result = await clone(driver.createVolumeFromBackup(volume, ranges, noted));
  if (result.kind === 'not-supported') return result;
  const moveMs = Math.round(performance.now() - startedAt);

  const target = await driver.openTarget(volume, options);
  try {
    const verified = await parts.verifyTarget({ ...events, image, target, fromDisk: readBack });
    target.markWhole();
    const { dataBytes } = image.plan;
    const location = driver.locate(volume);
    const verifyMs = Math.round(verified.elapsedMs);
    const bytes = { dataBytes, copiedBytes: dataBytes, codec: mainCodec(image) };
    return { kind: 'created', moved: { location, ...bytes, moveMs, verifyMs, readBack } };
  } finally {
    await target.close();
  }
}

/** A volume that is complete already isn't made afresh: the other way is to look at it. */
async function clone(cloning: Promise<CloneResult>): Promise<CloneResult> {
  try {
    return await cloning;
  } catch (error) {
    if (!isAlreadyComplete(error)) throw error;
    return { kind: 'not-supported', reason: 'the volume was completed before' };
  }
}

/** What can't be restored is refused before anything is made or written. */
async function admit(image: BackupImage, sizeGib: number, { onPlanned }: MoveEvents): Promise<void> {
  requireAdmissible(image, sizeGib);
  await onPlanned(image.volumeMeta);
}

function requireAdmissible(image: BackupImage, sizeGib: number): void {
  requireFits(image, sizeGib);
  // The record may not know of the key (W-14): `volume_meta` does.
  requireUnencrypted(image.backupId, image.volumeMeta?.encryptionKeyId ?? null);
}

async function planRestore(parts: MoveParts, job: PlanJob, events: PlanEvents): Promise<PlannedMove> {
  const image = await openImage(parts, job, events);
  requireAdmissible(image, job.sizeGib);
  const { volumeMeta } = image;
  return { kind: 'planned', ...figuresOf(image), volumeMeta, path: await pathOf(parts, image, job, events) };
}

/** Which way `createFromBackup` would send the data, and why. */
async function pathOf(
  parts: MoveParts,
  image: BackupImage,
  { volume }: PlanJob,
  { signal }: PlanEvents,
): Promise<RestorePath> {
  if (!volume) return { mode: null, reason: 'no pool takes the volume' };
  const driver = parts.volumeDriverOf(volume.poolName);
  if (!driver.createVolumeFromBackup) return { mode: 'copy', reason: NO_NATIVE_WAY };
  if (!driver.foreseeVolumeFromBackup) return { mode: null, reason: 'the driver tells only when it is tried' };
  const forecast = await driver.foreseeVolumeFromBackup(volume, await image.localRanges(), signal);
  if (forecast.kind === 'supported') return { mode: 'native', reason: 'the driver makes the volume from the objects' };
  return { mode: forecast.kind === 'unknown' ? null : 'copy', reason: forecast.reason };
}

const NO_NATIVE_WAY = 'the driver has none';

/** Plans the restore of a backup from its whole chain. */
function openImage(
  parts: MoveParts,
  { chain }: Pick<PlanJob, 'chain'>,
  { signal }: Pick<PlanEvents, 'signal'>,
): Promise<BackupImage> {
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
