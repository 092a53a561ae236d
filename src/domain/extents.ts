import { endOf } from './extent';
import type { Extent } from './extent';

/** Extents that ascend, don't overlap and don't touch. */
export type ExtentSet = readonly Extent[];

export function byOffset(a: Extent, b: Extent): number {
  return a.offsetBytes - b.offsetBytes;
}

/** How many bytes they hold together. */
export function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
}

/** What of `extent` lies outside `holes`, in O(log holes + result). */
export function outside(extent: Extent, holes: ExtentSet): Extent[] {
  const rest: Extent[] = [];
  const end = endOf(extent);
  let at = extent.offsetBytes;
  for (let index = firstEndingAfter(holes, at); at < end; index += 1) {
    const hole = holes[index] ?? { offsetBytes: end, lengthBytes: 0 };
    const stop = Math.min(hole.offsetBytes, end);
    if (stop > at) rest.push({ offsetBytes: at, lengthBytes: stop - at });
    at = endOf(hole);
  }
  return rest;
}

/** Both together, in linear time. Both ascend, and they must not overlap. */
export function join(a: ExtentSet, b: readonly Extent[]): Extent[] {
  const joined: Extent[] = [];
  let next = 0;
  for (const extent of a) {
    for (let other = b[next]; other && other.offsetBytes < extent.offsetBytes; other = b[next]) {
      append(joined, other);
      next += 1;
    }
    append(joined, extent);
  }
  for (const extent of b.slice(next)) append(joined, extent);
  return joined;
}

/** Adds an extent that lies behind all of `set`. */
export function append(set: Extent[], extent: Extent): void {
  const last = set.at(-1);
  if (last && endOf(last) === extent.offsetBytes) {
    set[set.length - 1] = { offsetBytes: last.offsetBytes, lengthBytes: last.lengthBytes + extent.lengthBytes };
  } else {
    set.push(extent);
  }
}

function firstEndingAfter(set: ExtentSet, offsetBytes: number): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const extent = set[middle];
    if (extent && endOf(extent) <= offsetBytes) low = middle + 1;
    else high = middle;
  }
  return low;
}
