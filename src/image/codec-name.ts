import type { Codec } from './backup-image';

/** F-4 (Cinder backup/chunkeddriver.py, _get_compressor): `gzip` is a zlib stream too, not a gzip file. */
const CODEC_NAMES = new Map<string, Codec>([
  ['none', 'none'],
  ['off', 'none'],
  ['no', 'none'],
  ['zlib', 'zlib'],
  ['gzip', 'zlib'],
  ['bz2', 'bz2'],
  ['bzip2', 'bz2'],
  ['zstd', 'zstd'],
]);

/** The codec that an object's `compression` names, in any case; null for one that Cinder doesn't know. */
export function codecOf(compression: string): Codec | null {
  return CODEC_NAMES.get(compression.toLowerCase()) ?? null;
}
