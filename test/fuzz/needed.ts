import type { WrittenLink, WrittenObject } from './cinder-writer';

/**
 * The objects of which the last state has at least one byte, told byte by byte.
 * @param links oldest first
 */
export function neededObjects(links: readonly WrittenLink[]): WrittenObject[] {
  const objects = links.flatMap((link) => link.objects);
  const owners = new Int32Array(links[0]!.state.length);
  objects.forEach(({ offset, length }, index) => owners.fill(index, offset, offset + length));
  // Byte by byte into a set would take longer than the restore.
  const needed = new Set(owners.filter((owner, at) => owner !== owners[at - 1]));
  return objects.filter((_, index) => needed.has(index));
}
