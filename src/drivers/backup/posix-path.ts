import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BackupLink } from '../../domain/backup';
import { Refusal } from '../../domain/errors';

/** Errors that say for certain that a name leads to no file. Any other (EIO, ESTALE) may be gone at the next attempt. */
const NOT_THERE = new Set<unknown>(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/**
 * The real path of a link's container, or of an object in it. Rows and names come from others: neither may lead out of
 * the repository, not by `..` and not by a symbolic link.
 * @throws Refusal('BackupDamaged') if it isn't there or leads out; any other error if the repository isn't there
 */
export async function locate(root: string, link: BackupLink, objectName?: string): Promise<string> {
  const found = await locateIfThere(root, link, objectName);
  if (found === null) throw damaged(link, `${described(link, objectName)} is missing`);
  return found;
}

/** The same; null if the repository is there and this isn't. */
export async function locateIfThere(root: string, link: BackupLink, objectName?: string): Promise<string | null> {
  const { container } = link;
  if (container === null || container === '') throw damaged(link, 'its record names no container');
  const isContainer = objectName === undefined;
  const what = described(link, objectName);
  if (![container, objectName ?? ''].every(staysInside)) throw damaged(link, `${what} leads out of the repository`);
  const realRoot = await realpathOrNull(root);
  if (realRoot === null) throw new Error(`The backup repository ${root} is not there: is it mounted?`);
  const found = await realpathOrNull(path.join(realRoot, container, objectName ?? ''));
  if (found === null) {
    await requireMounted(realRoot);
    return null;
  }
  if (!isWithin(realRoot, found)) throw damaged(link, `${what} leads out of the repository`);
  const kind = await stat(found);
  if (isContainer && !kind.isDirectory()) throw damaged(link, `${what} is not a directory`);
  if (!isContainer && !kind.isFile()) throw damaged(link, `${what} is not a file`);
  return found;
}

function described({ container }: BackupLink, objectName?: string): string {
  return objectName === undefined ? `container ${quoted(container ?? '')}` : `object ${quoted(objectName)}`;
}

/** By its words alone: relative, and never above where it begins. */
function staysInside(name: string): boolean {
  return !path.isAbsolute(name) && !name.split('/').includes('..') && !name.includes('\0');
}

function isWithin(realRoot: string, found: string): boolean {
  return staysInside(path.relative(realRoot, found));
}

/** An empty directory is what remains of a share that isn't mounted. */
async function requireMounted(realRoot: string): Promise<void> {
  if ((await readdir(realRoot)).length > 0) return;
  throw new Error(`The backup repository ${realRoot} is empty: is it mounted?`);
}

async function realpathOrNull(name: string): Promise<string | null> {
  try {
    return await realpath(name);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && NOT_THERE.has(error.code)) return null;
    throw error;
  }
}

/** Hostile names may hold anything and be of any length. */
function quoted(name: string): string {
  return /^[\w ./-]{1,255}$/.test(name) ? name : JSON.stringify(name.slice(0, 255));
}

export function damaged(link: BackupLink, fault: string): Refusal {
  return new Refusal('BackupDamaged', `Backup ${link.id} is damaged: ${fault}.`);
}
