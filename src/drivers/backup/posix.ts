import type { Dirent } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BackupLink } from '../../domain/backup';
import { endOf } from '../../domain/extent';
import type { ReadObjectOptions, StoredObject } from '../../domain/object-store';
import type { BackupDriver, DeleteObjectsOptions } from './driver';
import { damaged, locate, locateIfThere } from './posix-path';

const PIECE_BYTES = 1024 * 1024;
const SMALLEST_PIECE_BYTES = 4096;
/** Sizes asked for side by side: a directory may hold 100,000 objects, on a file system that answers over a network. */
const STATS_AT_ONCE = 64;

/** F-11 to F-13, F-18: three drivers that lay files out in the same way; pre-Queens rows name the module only. */
const SERVICES = new Set([
  'cinder.backup.drivers.posix.PosixBackupDriver',
  'cinder.backup.drivers.nfs.NFSBackupDriver',
  'cinder.backup.drivers.glusterfs.GlusterfsBackupDriver',
  'cinder.backup.drivers.posix',
  'cinder.backup.drivers.nfs',
  'cinder.backup.drivers.glusterfs',
]);

export interface PosixRepository {
  /** The directory that `backup_posix_path` names, or where the share of the nfs or glusterfs driver is mounted. */
  readonly root: string;
}

/**
 * Backups as files: the container is a directory under `root`, each object a file in it (F-11). A repository that is
 * missing or empty is taken for not mounted, which a later attempt may find otherwise.
 */
export function posixBackupDriver({ root }: PosixRepository): BackupDriver {
  return {
    serves: (service) => SERVICES.has(service),
    listObjects: (link, signal) => listObjects(root, link, signal),
    readObject: (link, name, options) => readPieces(() => locate(root, link, name), options),
    localFile: (link, name) => locate(root, link, name),
    deleteObjects: (link, options) => deleteObjects(root, link, options),
  };
}

async function listObjects(root: string, link: BackupLink, signal?: AbortSignal): Promise<StoredObject[]> {
  const prefix = link.serviceMetadata ?? '';
  const directory = await locate(root, link);
  const entries = await readdir(directory, { withFileTypes: true });
  const ours = entries.filter(({ name }) => name.startsWith(prefix));
  const sizeOf = async (entry: Dirent): Promise<StoredObject> => {
    const file = entry.isFile() ? path.join(directory, entry.name) : await locate(root, link, entry.name);
    return { name: entry.name, storedBytes: (await stat(file)).size };
  };
  const objects: StoredObject[] = [];
  for (let at = 0; at < ours.length; at += STATS_AT_ONCE) {
    signal?.throwIfAborted();
    objects.push(...(await Promise.all(ours.slice(at, at + STATS_AT_ONCE).map(sizeOf))));
  }
  return objects;
}

/** The containers' folders stay, as Cinder's drivers leave them: a root that is empty is taken for not mounted. */
async function deleteObjects(
  root: string,
  link: BackupLink,
  { signal, onDeleted }: DeleteObjectsOptions = {},
): Promise<void> {
  const isOurs = objectNamesOf(link);
  const directory = await locateIfThere(root, link);
  if (directory === null) return;
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && isOurs(entry.name)).map(({ name }) => name);
  const [metadata, ...rest] = names.sort((a, b) => Number(b.endsWith(METADATA)) - Number(a.endsWith(METADATA)));
  if (metadata !== undefined) await rm(path.join(directory, metadata), { force: true });
  for (let at = 0; at < rest.length; at += STATS_AT_ONCE) {
    signal?.throwIfAborted();
    const some = rest.slice(at, at + STATS_AT_ONCE);
    await Promise.all(some.map((name) => rm(path.join(directory, name), { force: true })));
    onDeleted?.(1 + at + some.length);
  }
}

const METADATA = '_metadata';

/** F-1. @throws Refusal('BackupDamaged') without a prefix that tells this backup's objects from all others */
function objectNamesOf(link: BackupLink): (name: string) => boolean {
  const prefix = link.serviceMetadata ?? '';
  if (prefix === '' || prefix.includes('/')) throw damaged(link, 'its record names no objects of a posix repository');
  return (name) => name.startsWith(prefix) && /^(-\d{5,}|_metadata|_sha256file)$/.test(name.slice(prefix.length));
}

async function* readPieces(
  find: () => Promise<string>,
  { range, signal }: ReadObjectOptions = {},
): AsyncGenerator<Uint8Array> {
  const file = await open(await find(), 'r');
  try {
    let at = range?.offsetBytes ?? 0;
    const end = range ? endOf(range) : Infinity;
    // Small objects in large buffers keep the garbage collector busy. A file that has grown meanwhile is read all the same.
    const { size } = await file.stat();
    while (at < end) {
      signal?.throwIfAborted();
      const room = Math.min(PIECE_BYTES, end - at, Math.max(SMALLEST_PIECE_BYTES, size - at));
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(room), 0, room, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
