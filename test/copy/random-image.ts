import type { Extent } from '../../src/domain/extent';
import type { LiteralImage, LiteralObject } from './literal-image';

/** Repeatable randomness: mulberry32. Whole numbers from `from` to `to`. */
export function random(seed: number): (from: number, to: number) => number {
  let state = seed;
  return (from, to) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return from + (((mixed ^ (mixed >>> 14)) >>> 0) % (to - from + 1));
  };
}

/**
 * Objects, live extents, zeros and blocks that begin and end anywhere: what no backup of Cinder looks like, but every plan
 * may. Objects are cut at random; each lives on in some ranges, in none of which another object does.
 */
export function randomImage(seed: number): LiteralImage {
  const between = random(seed);
  const sizeBytes = between(1, 3000);
  const objects: LiteralObject[] = [];
  for (let at = between(0, 100); at < sizeBytes; at += between(0, 80)) {
    const lengthBytes = Math.min(between(1, 700), sizeBytes - at);
    const data = Buffer.from(Array.from({ length: lengthBytes }, () => between(0, 255)));
    objects.push({ name: `o${objects.length}`, offsetBytes: at, data, live: someOf({ offsetBytes: at, lengthBytes }) });
    at += lengthBytes;
  }
  return { sizeBytes, objects, blockBytes: between(1, 256), pieceBytes: between(1, 300) };

  function someOf({ offsetBytes, lengthBytes }: Extent): Extent[] {
    const live: Extent[] = [];
    for (let at = between(0, 9); at < lengthBytes;) {
      const part = Math.min(between(1, 300), lengthBytes - at);
      live.push({ offsetBytes: offsetBytes + at, lengthBytes: part });
      at += part + between(1, 90);
    }
    return live.length > 0 ? live : [{ offsetBytes, lengthBytes }];
  }
}
