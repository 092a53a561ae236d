import { GIB } from '../src/domain/volume';
import type { Codec } from '../src/image/backup-image';

export const CODECS: readonly Codec[] = ['none', 'zlib', 'bz2', 'zstd'];
/** How long the chains are; 1 is a full backup. */
export const LINKS: readonly number[] = [1, 8, 30];
export const DATA = ['data', 'zeros'] as const;
export type Data = (typeof DATA)[number];

/** That of the drivers for object stores, which gives each volume a number of objects. */
export const USUAL_OBJECT_BYTES = 52_428_800;
/** The posix driver's own: a volume of 2 GiB is two objects (F-11). */
export const POSIX_OBJECT_BYTES = 1_999_994_880;

export interface Case {
  readonly codec: Codec;
  readonly links: number;
  readonly data: Data;
  readonly objectBytes: number;
  readonly gib: number;
}

export interface CaseFilter {
  readonly codecs: readonly string[];
  readonly links: readonly number[];
  readonly data: readonly string[];
  readonly gib: number;
  /** Only objects of this size; null means the usual ones and the rows with posix's own. */
  readonly objectBytes: number | null;
}

export function chosenCases(filter: CaseFilter): Case[] {
  return [...usualCases(filter), ...(filter.objectBytes === null ? posixCases(filter.gib) : [])].filter(
    ({ codec, links, data }) =>
      filter.codecs.includes(codec) && filter.links.includes(links) && filter.data.includes(data),
  );
}

/** Any length of chain may be asked for, not only those of the table. */
function usualCases({ links, gib, objectBytes }: CaseFilter): Case[] {
  const size = { gib, objectBytes: objectBytes ?? USUAL_OBJECT_BYTES };
  return CODECS.flatMap((codec) =>
    DATA.flatMap((data) => links.map((count) => ({ codec, links: count, data, ...size }))),
  );
}

function posixCases(gib: number): Case[] {
  const codecs: readonly Codec[] = gib * GIB > USUAL_OBJECT_BYTES ? ['none', 'zlib'] : [];
  return codecs.map((codec) => ({ codec, links: 1, data: 'data', objectBytes: POSIX_OBJECT_BYTES, gib }));
}

export function nameOf({ codec, links, data, objectBytes, gib }: Case): string {
  const chain = links === 1 ? 'full' : `${links} links`;
  const objects = objectBytes === USUAL_OBJECT_BYTES ? '' : `, objects of ${Math.round(objectBytes / 1e6)} MB`;
  return `${codec}, ${chain}, mostly ${data}, ${gib} GiB${objects}`;
}
