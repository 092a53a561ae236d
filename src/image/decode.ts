import type { Codec } from './backup-image';
import { bunzip2 } from './bunzip2';
import type { Decoder } from './decoder';
import { inflate } from './inflate';
import { unzstd } from './unzstd';

/** How each codec's stored bytes become the volume's. */
export const DECODERS: Readonly<Record<Codec, Decoder>> = {
  none: (stored) => stored,
  zlib: inflate,
  bz2: bunzip2,
  zstd: unzstd,
};
