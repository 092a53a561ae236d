import type { Checkpoint } from '../domain/checkpoint';
import type { Extent } from '../domain/extent';
import type { Progress } from '../domain/progress';
import type { VolumeTarget } from '../domain/volume-target';
import type { BackupImage, PlannedObject } from '../image/backup-image';

export interface CopyOptions {
  readonly image: BackupImage;
  readonly target: VolumeTarget;
  readonly signal: AbortSignal;
  /** Called often; the caller thins out. */
  readonly onProgress: (progress: Progress) => void;
}

export interface VerifyOptions extends CopyOptions {
  /** Whether to read past the caches of this machine, so that what is compared comes from the disk itself. */
  readonly fromDisk: boolean;
}

export interface CopyImageOptions extends CopyOptions {
  /** Each reads one object at a time; together they are how many are read side by side. At least one. */
  readonly readers: readonly ObjectReader[];
  /** Whether what lies behind the image's end stays as it is, instead of reading zero. */
  readonly keepsRest: boolean;
  /** Where an earlier attempt came to, or null. Need not fit: what it says of another target or another boot isn't believed. */
  readonly checkpoint: Checkpoint | null;
  /** Returns when the checkpoint would be found by a later attempt. @throws Refusal('Fenced') if there is one already */
  readonly saveCheckpoint: (checkpoint: Checkpoint) => Promise<void>;
  /** Returns when so many bytes may be written: the bandwidth limit. */
  readonly permit: (bytes: number) => Promise<void>;
}

/** Fetches, decodes and verifies objects of one image. */
export interface ObjectReader {
  /**
   * The live bytes of the object in order. What lies wholly within one live extent of a block has been verified when it arrives,
   * or is by the time of the piece in which its block ends. Memory is bounded: pieces that aren't released hold the reader up.
   * @throws Refusal('BackupDamaged')
   */
  read(object: PlannedObject, signal: AbortSignal): AsyncIterable<ReadPiece>;
}

/** At most 1 MiB of the image. */
export interface ReadPiece {
  /** Which bytes of the image, ascending. */
  readonly runs: readonly Extent[];
  /** Those bytes, one run after the other. The caller's until it releases them. */
  readonly data: Uint8Array;
  release(): void;
}

/** A number of bytes per second that is shared by those who ask. */
export interface BandwidthLimit {
  /** Null: no limit. Holds for what is asked from now on. */
  limit(bytesPerSecond: number | null): void;
  /** Returns when at least so many bytes may be moved; answers how many may. @throws the signal's reason */
  permit(bytes: number, signal: AbortSignal): Promise<number>;
}

export interface CopyResult {
  /** Bytes of the image that come from objects. */
  readonly dataBytes: number;
  /** Those of them that this attempt read and wrote; the others were there already. */
  readonly copiedBytes: number;
  /** Bytes that were made zero on the target, or left zero where it was zeroed before. */
  readonly zeroBytes: number;
  readonly elapsedMs: number;
}

/**
 * Moves the image onto the target, each byte once, verifies every byte of it, and flushes. Bytes behind the image's end
 * read zero afterwards, or are left alone. Goes on where an earlier attempt was: by its checkpoint, or, where that can't be believed, by looking
 * at what lies on the target. Safe to repeat on a target that holds anything.
 * @throws Refusal('BackupDamaged') with object, offset and both hashes; Refusal('Fenced'); the signal's reason when aborted.
 */
export type CopyImage = (options: CopyImageOptions) => Promise<CopyResult>;

/** Hashes what lies on the target and compares it with the image, for a target that was filled in another way. */
export type VerifyTarget = (options: VerifyOptions) => Promise<{ readonly elapsedMs: number }>;
