import type { BackupLink } from '../domain/backup';
import type { Extent, LocalRange } from '../domain/extent';
import type { ObjectStore } from '../domain/object-store';
import type { VolumeMeta } from '../domain/volume-metadata';
import type { BlockHashes } from './block-hashes';

export type Codec = 'none' | 'zlib' | 'bz2' | 'zstd';

/** One object of the repository that the image needs, and which of its bytes survive in the final image. */
export interface PlannedObject extends Extent {
  readonly link: BackupLink;
  readonly name: string;
  readonly codec: Codec;
  /** Hex md5 of the uncompressed object, or null if the metadata has none (F-3). */
  readonly md5: string | null;
  readonly storedBytes: number;
  /** Ascending, within the object's extent, in bytes of the volume. Never empty: superseded objects aren't planned. */
  readonly live: readonly Extent[];
}

/** Bytes of the final image. Those of one extent come in order and without a gap. */
export interface LivePiece {
  readonly offsetBytes: number;
  readonly data: Uint8Array;
  /** The live extent that they are a part of. */
  readonly extent: Extent;
}

/**
 * What makes up the image: each byte of `[0, sizeBytes)` is exactly once either in the live extents of one object or in
 * `zeros`. Both ascend; objects by their first live byte.
 */
export interface RestorePlan {
  readonly sizeBytes: number;
  readonly objects: readonly PlannedObject[];
  readonly zeros: readonly Extent[];
  /** Sum of the live extents. */
  readonly dataBytes: number;
}

/** A backup chain seen as one flat, read-only disk image with what is needed to verify it. */
export interface BackupImage {
  readonly backupId: string;
  readonly plan: RestorePlan;
  /** SHA-256 of every block of the final image, from the leaf's sha256 file; null where the leaf has none. */
  readonly hashes: BlockHashes | null;
  /** What the leaf says of the volume; null if nothing. */
  readonly volumeMeta: VolumeMeta | null;
  /**
   * The live bytes of an object, in order, in pieces of at most 1 MiB, each valid until the next is asked for, memory bounded
   * whatever its size. `live` may be less than what was planned. Superseded bytes are neither fetched nor decoded where the object allows it. Checks the length of an
   * object that is read to its end, and, where `hashes` is null, its md5, for which it is always read whole.
   * @throws Refusal('BackupDamaged') naming object and fault.
   */
  readonly readLive: (object: PlannedObject, signal?: AbortSignal) => AsyncIterable<LivePiece>;
  /** All data of the image as ranges of uncompressed local files, or null if any part of it isn't. */
  localRanges(): Promise<LocalRange[] | null>;
}

export interface OpenImageOptions {
  /** The chain, leaf first, full backup last. */
  readonly chain: readonly BackupLink[];
  readonly storeOf: (link: BackupLink) => ObjectStore;
  /** Takes objects that nothing proves, for who would rather have a backup without hashes than none. Refused by default. */
  readonly allowUnverified?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads the chain's metadata and plans the restore. Everything that can be wrong with a backup short of its data is found
 * here: missing parent or object, foreign metadata, unknown codec, holes, overlaps, extents outside the volume.
 * @throws Refusal('BackupDamaged')
 */
export type OpenImage = (options: OpenImageOptions) => Promise<BackupImage>;
