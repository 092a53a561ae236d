import type { BackupLink } from './backup';

export interface StoredObject {
  readonly name: string;
  /** Size as stored, that is, after compression. */
  readonly storedBytes: number;
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
  /** The stored bytes of one object, from the start, in pieces of at most 1 MiB. */
  readObject(link: BackupLink, name: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Optional capability: the absolute path of the object's file on this machine, or null if it isn't one here. */
  localFile?(link: BackupLink, name: string): Promise<string | null>;
}
