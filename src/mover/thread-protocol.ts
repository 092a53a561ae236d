import type { BackupRepository } from '../drivers/backup/registry';
import type { PlannedObject } from '../image/backup-image';
import type { Fault } from './faults';

/** What a thread has to know before its first object. */
export interface ThreadSettings {
  readonly repositories: readonly BackupRepository[];
  /** Where its pieces go: shared, and cut into slots. */
  readonly memory: SharedArrayBuffer;
}

/** What of an image a thread needs to read its objects. */
export interface SharedImage {
  readonly backupId: string;
  readonly sizeBytes: number;
  /** Null where the backup has none. */
  readonly hashes: {
    readonly blockBytes: number;
    readonly packed: SharedArrayBuffer;
    readonly packedBytes: number;
  } | null;
}

/** To the thread. It reads several objects at a time, each under an id. */
export type ToThread =
  | { readonly kind: 'settings'; readonly settings: ThreadSettings }
  | { readonly kind: 'read'; readonly id: number; readonly image: SharedImage; readonly object: PlannedObject }
  | { readonly kind: 'release'; readonly slot: number };

/** From the thread. */
export type FromThread =
  /** `runs`: offset and length of each, in turn. */
  | {
      readonly kind: 'piece';
      readonly id: number;
      readonly slot: number;
      readonly bytes: number;
      readonly runs: Float64Array;
    }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault };
