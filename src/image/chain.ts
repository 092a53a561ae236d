import type { BackupLink } from '../domain/backup';
import { damaged } from './damage';

/**
 * Whether the rows are one complete chain, leaf first (F-8). They are what counts, not the ids inside of the metadata.
 * @throws Refusal('BackupDamaged') for a missing parent, a loop, or a parent that belongs to another volume (W-26).
 */
export function requireChain(chain: readonly BackupLink[]): BackupLink {
  const [leaf] = chain;
  if (!leaf) throw new Error('A chain has at least one link.');
  const seen = new Set<string>();
  chain.forEach((link, index) => {
    if (seen.has(link.id)) throw damaged(leaf.id, `backup ${link.id} is its own ancestor`);
    seen.add(link.id);
    requireParent(link, chain[index + 1]);
    if (link.volumeId !== leaf.volumeId) {
      throw damaged(leaf.id, `its ancestor ${link.id} is of volume ${link.volumeId}, expected ${leaf.volumeId}`);
    }
  });
  return leaf;
}

function requireParent(link: BackupLink, parent: BackupLink | undefined): void {
  const parentId = parent?.id ?? null;
  if (link.parentId === parentId) return;
  if (parentId === null) throw damaged(link.id, `its parent ${link.parentId ?? ''} is missing`);
  throw damaged(link.id, `its parent is ${link.parentId ?? 'none'}, but the chain goes on with ${parentId}`);
}
