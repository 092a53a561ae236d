import { link, open, readdir, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VolumeDriver, VolumeOnPool, WriteOptions } from './driver';
import { createFromRanges } from './file-clone';
import { foreseeFromRanges } from './file-clone-forecast';
import { listVolumeFiles } from './file-content';
import { extendVolumeFile } from './file-extension';
import { reportFilePools, roomBytesOf } from './file-pools';
import type { FileBackend } from './file-pools';
import { FileTarget } from './file-target';
import { linuxCalls } from './linux';
import { bootId } from './process-identity';
import { hasCode, onPool } from './system-error';
import { identityOf, isThere, openSparse, placeOf, requirePool, requireVolume, syncFolder } from './volume-file';
import type { Place } from './volume-file';
import { requireNoOtherProcess } from './volume-lock';
import { becomeWriter, dismissWriters } from './writer';
import type { Writer } from './writer';

/**
 * Volumes as raw sparse files `volume-<id>` (Cinder's `volume_name_template`), one folder per pool. A folder belongs to one
 * host. What else is kept of a volume lies beside it and begins with its name and a dot.
 */
export function fileVolumeDriver(config: FileBackend): Required<VolumeDriver> {
  const place = (volume: VolumeOnPool): Place => placeOf(volume, config);
  return {
    reportPools: () => reportFilePools(config),
    listVolumes: () => listVolumeFiles(config),
    createVolume: async (volume, options) => createVolume(place(volume), options),
    extendVolume: async (volume, newSizeGib, options) =>
      extendVolumeFile(place(volume), {
        ...options,
        newSizeGib,
        roomBytes: () => roomBytesOf(config, volume.poolName),
      }),
    deleteVolume: async (volume, options) => deleteVolume(place(volume), options),
    openTarget: async (volume, options) => openTarget(place(volume), options),
    locate: (volume) => place(volume).file,
    createVolumeFromBackup: async (volume, ranges, options) => createFromRanges(place(volume), ranges, options),
    foreseeVolumeFromBackup: async (volume, ranges, signal) => foreseeFromRanges(place(volume), ranges, signal),
  };
}

async function createVolume(place: Place, options?: WriteOptions): Promise<void> {
  await requirePool(place);
  await onPool(place.poolName, async () => {
    if (!options) return makeVolume(place);
    const writer = await becomeWriter(place, options);
    let isMade = false;
    try {
      await makeVolume(place);
      isMade = true;
    } finally {
      await writer.leave(writer.isFirst && !isMade ? 'gone' : 'kept');
    }
  });
}

/**
 * The draft has one name, so that the one of a process that was killed is used up, or removed, by the next attempt. Two at once
 * make the same empty file; whoever links second, or finds the draft gone, finds the volume made.
 */
async function makeVolume(place: Place): Promise<void> {
  try {
    if (!(await isThere(place))) await linkDraft(place);
  } finally {
    await rm(place.draft, { force: true });
  }
  await syncFolder(place.folder);
}

/** The volume appears whole or not at all; `link`, unlike `rename`, never replaces one that another call has just made. */
async function linkDraft(place: Place): Promise<void> {
  try {
    await (await openSparse(place.draft, place.sizeBytes, 'a')).close();
    await link(place.draft, place.file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST', 'ENOENT') || !(await isThere(place))) throw error;
  }
}

async function deleteVolume(place: Place, options?: WriteOptions): Promise<void> {
  // A folder that isn't mounted is no proof that the volume is gone: this fails with ENOENT, and is repeated.
  await readdir(place.folder);
  const writer = options && (await deletingWriter(place, options));
  if (!writer) {
    await dismissWriters(place.lockFolder);
    await requireNoOtherProcess(place.lockFolder);
    await options?.confirm?.();
  }
  let isGone = false;
  try {
    await removeFiles(place, writer ? basename(place.lockFolder) : null);
    isGone = true;
  } finally {
    await writer?.leave(isGone ? 'gone' : 'kept');
  }
  await syncFolder(place.folder);
}

/** The right to delete. Null on a full pool, where no lock can be written: a deletion, which makes room, does without. */
async function deletingWriter(place: Place, options: WriteOptions): Promise<Writer | null> {
  try {
    return await becomeWriter(place, options);
  } catch (error) {
    if (hasCode(error, 'ENOSPC', 'EDQUOT')) return null;
    throw error;
  }
}

/** The lock that is held goes last. */
async function removeFiles(place: Place, heldLock: string | null): Promise<void> {
  await rm(place.file, { force: true });
  const names = (await readdir(place.folder)).filter((name) => name.startsWith(`volume-${place.volumeId}.`));
  const rest = names.filter((name) => name !== heldLock);
  await Promise.all(rest.map((name) => rm(join(place.folder, name), { recursive: true, force: true })));
}

async function openTarget(place: Place, options: WriteOptions): Promise<FileTarget> {
  // Before the lock is taken, so that no lock is left where no volume is.
  await requireVolume(place);
  const writer = await onPool(place.poolName, () => becomeWriter(place, options));
  try {
    await rm(place.unfinishedClone, { force: true });
    return await openFile(place, writer);
  } catch (error) {
    await writer.leave();
    throw error;
  }
}

async function openFile(place: Place, writer: Writer): Promise<FileTarget> {
  const handle = await open(place.file, 'r+');
  try {
    const isZeroed = await hasNoBlocks(handle, writer.lockRecord);
    const linux = await linuxCalls();
    writer.fenced.throwIfAborted();
    const { poolName, sizeBytes } = place;
    const [file, boot] = await Promise.all([identityOf(handle), bootId()]);
    // When it was whole tells the times of one file apart: its owner may have written to it since.
    const identity = writer.completed ? `${file}:${writer.completed.epoch}` : file;
    return new FileTarget({ handle, writer, poolName, sizeBytes, isZeroed, identity, bootId: boot, linux });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * A file without blocks holds nothing but zeros. Some file systems count a block only once it is on disk, hence the sync;
 * one in user space may never count any, which a file that isn't empty gives away.
 */
async function hasNoBlocks(handle: FileHandle, notEmpty: string): Promise<boolean> {
  await handle.datasync();
  return (await handle.stat()).blocks === 0 && (await stat(notEmpty)).blocks > 0;
}
