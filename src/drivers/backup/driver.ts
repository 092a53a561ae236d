import type { BackupLink } from '../../domain/backup';
import type { ObjectStore } from '../../domain/object-store';

export interface DeleteObjectsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told from time to time how many are gone. */
  readonly onDeleted?: (count: number) => void;
}

/** One repository of backups. The contract of reading stands on `ObjectStore`. */
export interface BackupDriver extends ObjectStore {
  /** Whether rows whose `service` column says this are to be read here. Pre-Queens rows hold the module only (F-18). */
  serves(service: string): boolean;
  /**
   * Removes what this link has in the repository, its `_metadata` first, so that what is interrupted is seen to be no backup (F-1).
   * Removes nothing but what the chunked format calls an object of this link: whatever else its record names, and whatever lies
   * there besides, stays. Idempotent; absent is success.
   * @throws Refusal('BackupDamaged') for a record that leads out of the repository, or names no objects
   */
  deleteObjects(link: BackupLink, options?: DeleteObjectsOptions): Promise<void>;
}
