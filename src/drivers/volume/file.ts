import { randomUUID } from 'node:crypto';
import { link, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Refusal } from '../../domain/errors';
import { endOf } from '../../domain/extent';
import type { LocalRange } from '../../domain/extent';
import { GIB } from '../../domain/volume';
import type { CloneOptions, CloneResult, VolumeDriver, VolumeOnPool, WriteOptions } from './driver';
import { cloneRanges } from './file-clone';
import { reportFilePools } from './file-pools';
import type { FileBackend } from './file-pools';
import { FileTarget } from './file-target';
import { linuxCalls } from './linux';
import { hasCode, onPool } from './system-error';
import { requireNoOtherProcess } from './volume-lock';
import { becomeWriter, dismissWriters } from './writer';
import type { Writer } from './writer';

/** Where everything of one volume lies. */
interface Place {
  readonly volumeId: string;
  readonly poolName: string;
  readonly folder: string;
  readonly sizeBytes: number;
  readonly file: string;
  readonly lockFolder: string;
  /** The volume while it is being cloned. */
  readonly unfinishedClone: string;
}

/**
 * Volumes as raw sparse files `volume-<id>` (Cinder's `volume_name_template`), one folder per pool. A folder belongs to one
 * host. What else is kept of a volume lies beside it and begins with its name and a dot.
 */
export function fileVolumeDriver(config: FileBackend): Required<VolumeDriver> {
  const place = (volume: VolumeOnPool): Place => placeOf(volume, config);
  return {
    reportPools: () => reportFilePools(config),
    createVolume: async (volume) => createVolume(place(volume)),
    deleteVolume: async (volume) => deleteVolume(place(volume)),
    openTarget: async (volume, options) => openTarget(place(volume), options),
    locate: (volume) => place(volume).file,
    createVolumeFromBackup: async (volume, ranges, options) => createFromRanges(place(volume), ranges, options),
  };
}

/** @throws Refusal('InvalidInput') unless the id is a UUID: it becomes part of a path */
function placeOf({ id, sizeGib, poolName }: VolumeOnPool, { host, backend, pools }: FileBackend): Place {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new Refusal('InvalidInput', `Not a volume id (a UUID in lower case): ${JSON.stringify(id)}`);
  }
  const pool = pools.find(({ name }) => `${host}@${backend}#${name}` === poolName);
  if (!pool) throw new Refusal('PoolRefused', `Pool ${poolName} is not configured on this worker.`);
  const folder = resolve(pool.path);
  const file = join(folder, `volume-${id}`);
  const paths = { folder, file, lockFolder: `${file}.lock`, unfinishedClone: `${file}.clone` };
  return { volumeId: id, poolName, sizeBytes: sizeGib * GIB, ...paths };
}

async function createVolume(place: Place): Promise<void> {
  await requirePool(place);
  if (await isThere(place)) return;
  const draft = `${place.file}.${randomUUID()}.draft`;
  await onPool(place.poolName, async () => {
    try {
      await (await openSparse(draft, place.sizeBytes)).close();
      // Appears whole or not at all; `link`, unlike `rename`, never replaces a volume that another call has just made.
      await link(draft, place.file);
    } catch (error) {
      if (!hasCode(error, 'EEXIST') || !(await isThere(place))) throw error;
    } finally {
      await rm(draft, { force: true });
    }
    await syncFolder(place.folder);
  });
}

async function deleteVolume(place: Place): Promise<void> {
  // A folder that isn't mounted is no proof that the volume is gone: this fails with ENOENT, and is repeated.
  await readdir(place.folder);
  await dismissWriters(place.lockFolder);
  await requireNoOtherProcess(place.lockFolder);
  await rm(place.file, { force: true });
  const rest = (await readdir(place.folder)).filter((name) => name.startsWith(`volume-${place.volumeId}.`));
  await Promise.all(rest.map((name) => rm(join(place.folder, name), { recursive: true, force: true })));
  await syncFolder(place.folder);
}

async function openTarget(place: Place, options: WriteOptions): Promise<FileTarget> {
  // Before the lock is taken, so that no lock is left where no volume is.
  await requireVolume(place);
  const writer = await onPool(place.poolName, () => becomeWriter(place.lockFolder, options));
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
    // Some file systems count a block only once it is on disk; without any block there's nothing to read but zeros.
    await handle.datasync();
    const isZeroed = (await handle.stat()).blocks === 0;
    const linux = await linuxCalls();
    writer.fenced.throwIfAborted();
    const { poolName, sizeBytes } = place;
    return new FileTarget({ handle, writer, poolName, sizeBytes, isZeroed, linux });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function createFromRanges(
  place: Place,
  ranges: readonly LocalRange[] | null,
  options: CloneOptions,
): Promise<CloneResult> {
  if (!ranges) return notSupported("the backup's objects are compressed or not on this machine");
  const linux = await linuxCalls();
  if (!linux) return notSupported('copy_file_range(2) exists on Linux only');
  if (ranges.some((range) => endOf(range) > place.sizeBytes)) {
    throw new Refusal('InvalidVolume', `The backup's data does not fit on volume ${place.volumeId}.`);
  }
  await requirePool(place);
  return onPool(place.poolName, async () => {
    const writer = await becomeWriter(place.lockFolder, options);
    const signal = AbortSignal.any([options.signal, writer.fenced]);
    let result: CloneResult | null = null;
    try {
      const task = { linux, ranges, signal, onProgress: options.onProgress };
      result = await cloneInto(place, (to) => cloneRanges({ ...task, to }));
      return result;
    } finally {
      const leavesNothing = result?.kind === 'not-supported' && !(await isThere(place));
      await writer.leave(leavesNothing ? 'gone' : 'kept');
    }
  });
}

/** Makes the volume afresh; it appears under its name when it is complete and durable. */
async function cloneInto(place: Place, fill: (to: FileHandle) => Promise<string | null>): Promise<CloneResult> {
  await rm(place.unfinishedClone, { force: true });
  try {
    const handle = await openSparse(place.unfinishedClone, place.sizeBytes);
    try {
      const reason = await fill(handle);
      if (reason !== null) return notSupported(reason);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(place.unfinishedClone, place.file);
    await syncFolder(place.folder);
    return { kind: 'created' };
  } finally {
    await rm(place.unfinishedClone, { force: true });
  }
}

function notSupported(reason: string): CloneResult {
  return { kind: 'not-supported', reason };
}

async function requirePool({ poolName, folder }: Place): Promise<void> {
  const found = await statfs(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  });
  if (!found) throw new Refusal('PoolRefused', `Pool ${poolName} has no folder ${folder}.`);
  // A sparse file needs no space, so an empty volume could be made here that not one byte could be written to.
  if (found.bavail === 0) throw new Refusal('PoolRefused', `Pool ${poolName} is full.`);
}

async function requireVolume(place: Place): Promise<void> {
  if (await isThere(place)) return;
  // As in deleteVolume: a missing folder is no proof.
  await readdir(place.folder);
  throw new Refusal('VolumeNotFound', `Volume ${place.volumeId} is not on pool ${place.poolName}.`);
}

/** @throws Refusal('InvalidVolume') if something of another size lies there: nothing of ours, and not to be written over */
async function isThere({ file, sizeBytes }: Place): Promise<boolean> {
  const found = await stat(file).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!found) return false;
  if (found.isFile() && found.size === sizeBytes) return true;
  throw new Refusal('InvalidVolume', `${file} has ${found.size} bytes, but the volume has ${sizeBytes}.`);
}

async function openSparse(path: string, sizeBytes: number): Promise<FileHandle> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.truncate(sizeBytes);
    await handle.datasync();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Makes names durable: fsync(2) of a file doesn't cover the folder's entry for it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
