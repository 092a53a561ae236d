import { constants } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from './source';
import type { Unreadable } from './source';

/** Cinder's own containers lie three folders deep. */
const MAX_DEPTH = 16;

export type Walked =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'unreadable'; readonly unreadable: Unreadable };

/** Every file below a folder. Follows no links: they may lead anywhere, also in circles. */
export async function* walk(root: string, below = '', depth = 0): AsyncGenerator<Walked> {
  try {
    for await (const entry of await opendir(join(root, below))) {
      const path = join(below, entry.name);
      if (entry.isFile()) yield { kind: 'file', path };
      else if (!entry.isDirectory()) yield unreadable(path, 'is neither a file nor a folder');
      else if (depth === MAX_DEPTH) yield unreadable(path, 'lies too deep');
      else yield* walk(root, path, depth + 1);
    }
  } catch (error) {
    if (depth === 0) throw error;
    yield unreadable(below, reasonOf(error));
  }
}

function unreadable(place: string, why: string): Walked {
  return { kind: 'unreadable', unreadable: { place, why } };
}

/** Opens what was a file when it was walked by; anything that has taken its place since is refused, or read as what it is. */
export function openWalked(root: string, path: string): Promise<FileHandle> {
  return open(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}
