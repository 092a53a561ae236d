import type { Progress } from '../domain/progress';
import type { VolumeTarget } from '../domain/volume-target';
import type { BackupImage } from '../image/backup-image';

export interface CopyOptions {
  readonly image: BackupImage;
  readonly target: VolumeTarget;
  readonly signal: AbortSignal;
  /** Called often; the caller thins out. */
  readonly onProgress: (progress: Progress) => void;
}

export interface CopyResult {
  /** Bytes of the image that came from objects. */
  readonly dataBytes: number;
  /** Bytes that were made zero on the target, or left zero where it was zeroed before. */
  readonly zeroBytes: number;
  readonly elapsedMs: number;
}

/**
 * Moves the image onto the target, each byte once, verifies every byte of it, and flushes. Bytes behind the image's end
 * read zero afterwards. Safe to repeat on a target that an earlier attempt left half-written.
 * @throws Refusal('BackupDamaged') with object, offset and both hashes; the signal's reason when aborted.
 */
export type CopyImage = (options: CopyOptions) => Promise<CopyResult>;

/** Hashes what lies on the target and compares it with the image, for a target that was filled in another way. */
export type VerifyTarget = (options: CopyOptions) => Promise<{ readonly elapsedMs: number }>;
