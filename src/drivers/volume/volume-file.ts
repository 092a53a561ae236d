import type { Stats } from 'node:fs';
import { open, readdir, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Refusal } from '../../domain/errors';
import { GIB } from '../../domain/volume';
import type { VolumeOnPool } from './driver';
import type { FileBackend } from './file-pools';
import { hasCode } from './system-error';

/** Where everything of one volume lies. */
export interface Place {
  readonly volumeId: string;
  readonly poolName: string;
  readonly folder: string;
  readonly sizeBytes: number;
  readonly file: string;
  readonly lockFolder: string;
  /** The volume while it is being made: an empty file, never written to under this name. */
  readonly draft: string;
  /** The volume while it is being cloned. */
  readonly unfinishedClone: string;
  /** Whether a newer writer may kill this process to take the volume from it. */
  readonly mayBeKilled: boolean;
}

/** @throws Refusal('InvalidInput') unless the id is a UUID: it becomes part of a path; Refusal('PoolRefused') */
export function placeOf(
  { id, sizeGib, poolName }: VolumeOnPool,
  { host, backend, pools, mayBeKilled = false }: FileBackend,
): Place {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new Refusal('InvalidInput', `Not a volume id (a UUID in lower case): ${JSON.stringify(id)}`);
  }
  const pool = pools.find(({ name }) => `${host}@${backend}#${name}` === poolName);
  if (!pool) throw new Refusal('PoolRefused', `Pool ${poolName} is not configured on this worker.`);
  const folder = resolve(pool.path);
  const file = join(folder, `volume-${id}`);
  const paths = { folder, file, lockFolder: `${file}.lock`, draft: `${file}.draft`, unfinishedClone: `${file}.clone` };
  return { volumeId: id, poolName, sizeBytes: sizeGib * GIB, ...paths, mayBeKilled };
}

/** @throws Refusal('PoolRefused') if the pool's folder is missing or full */
export async function requirePool({ poolName, folder }: Place): Promise<void> {
  const found = await statfs(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  });
  if (!found) throw new Refusal('PoolRefused', `Pool ${poolName} has no folder ${folder}.`);
  // A sparse file needs no space, so an empty volume could be made here that not one byte could be written to.
  // A file system without blocks (ramfs) doesn't count them.
  if (found.blocks > 0 && found.bavail === 0) throw new Refusal('PoolRefused', `Pool ${poolName} is full.`);
}

/** @throws Refusal('InvalidVolume') if something of another size lies there: nothing of ours, and not to be written over */
export async function isThere(place: Place): Promise<boolean> {
  const found = await statOf(place);
  if (!found) return false;
  if (found.isFile() && found.size === place.sizeBytes) return true;
  throw ofAnotherSize(place, found.size);
}

/**
 * An extension that failed may have left it longer.
 * @throws Refusal('VolumeNotFound'); Refusal('InvalidVolume') as `isThere`; ENOENT where the folder is missing, which is no proof
 */
export async function requireVolume(place: Place): Promise<void> {
  const found = await statOf(place);
  if (found?.isFile() && found.size >= place.sizeBytes) return;
  if (found) throw ofAnotherSize(place, found.size);
  await readdir(place.folder);
  throw new Refusal('VolumeNotFound', `Volume ${place.volumeId} is not on pool ${place.poolName}.`);
}

async function statOf({ file }: Place): Promise<Stats | null> {
  return stat(file).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
}

function ofAnotherSize({ file, sizeBytes }: Place, foundBytes: number): Refusal {
  return new Refusal('InvalidVolume', `${file} has ${foundBytes} bytes, but the volume has ${sizeBytes}.`);
}

/**
 * Makes a file that reads zero and takes no space. `wx` makes a new one; `a` takes one that is there, which must never have been
 * written to. @throws EEXIST
 */
export async function openSparse(path: string, sizeBytes: number, flags: 'wx' | 'a'): Promise<FileHandle> {
  const handle = await open(path, flags, 0o600);
  try {
    await handle.truncate(sizeBytes);
    await handle.datasync();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** An inode's number is used again; the time of its birth tells the files apart. A file keeps it under another name. */
export async function identityOf(handle: FileHandle): Promise<string> {
  const { dev, ino, birthtimeNs } = await handle.stat({ bigint: true });
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** Makes names durable: fsync(2) of a file doesn't cover the folder's entry for it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
