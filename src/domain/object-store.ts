import type { BackupLink } from './backup';
import type { Extent } from './extent';

export interface StoredObject {
  readonly name: string;
  /** Size as stored, that is, after compression. */
  readonly storedBytes: number;
}

export interface ReadObjectOptions {
  /** In bytes of the stored object. What lies beyond its end is left out. */
  readonly range?: Extent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the objects of a backup lie: what a backup driver offers to the backup image. Read-only.
 *
 * Errors: `Refusal('BackupDamaged')` when the repository answers and the object isn't there; any other error means that
 * the repository could not be asked, and the call may be repeated.
 */
export interface ObjectStore {
  /** Every object of this link, metadata objects included, in no particular order. */
  listObjects(link: BackupLink, signal?: AbortSignal): Promise<StoredObject[]>;
  /** The stored bytes of one object, all of them or those of a range, in pieces of at most 1 MiB. */
  readObject(link: BackupLink, name: string, options?: ReadObjectOptions): AsyncIterable<Uint8Array>;
  /** Optional capability: the absolute path of the object's file on this machine, or null if it isn't one here. */
  localFile?(link: BackupLink, name: string): Promise<string | null>;
}
