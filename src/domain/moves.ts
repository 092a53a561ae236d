import type { BackupStatus } from './backup';
import type { VolumeStatus } from './volume';

/**
 * Every permitted change of a status, by name. The catalog carries each out as one compare-and-set
 * (`UPDATE … WHERE status IN (from) AND owner …`); a status never changes in any other way.
 */
interface Move<Status> {
  readonly from: readonly Status[];
  readonly to: Status;
}

/** Volumes. A failed create ends `error`, never `error_restoring` (S-45, H-121). */
export const VOLUME_MOVES = {
  /** The data is complete and verified. */
  complete: { from: ['creating'], to: 'available' },
  /** The create failed or was cancelled. Yields to a deletion that has begun: `deleting` stays `deleting`. */
  fail: { from: ['creating'], to: 'error' },
  /** A new run goes on with what a failed one left. The quota was never given back. */
  retry: { from: ['error'], to: 'creating' },
  /**
   * A backup is restored into a volume that is there (H-72). One whose restore failed may be restored again; one that is
   * `restoring-backup` is left from a run that was terminated: Temporal lets no two runs go on at once.
   */
  beginRestore: { from: ['available', 'error_restoring', 'restoring-backup'], to: 'restoring-backup' },
  /** Nothing was written yet, and nobody has been told. */
  withdrawRestore: { from: ['restoring-backup'], to: 'available' },
  completeRestore: { from: ['restoring-backup'], to: 'available' },
  failRestore: { from: ['restoring-backup'], to: 'error_restoring' },
  /** os-extend (H-62). One that is `extending` is left from a run that was terminated, as above. */
  beginExtension: { from: ['available', 'extending'], to: 'extending' },
  /** Nothing was done yet, and nobody has been told. */
  withdrawExtension: { from: ['extending'], to: 'available' },
  completeExtension: { from: ['extending'], to: 'available' },
  failExtension: { from: ['extending'], to: 'error_extending' },
  /** DELETE: allowed in these statuses only (H-57); from `creating` it also cancels the create (W-22). */
  beginDeletion: {
    from: ['creating', 'available', 'error', 'error_restoring', 'error_extending', 'error_deleting'],
    to: 'deleting',
  },
  /** An administrator's os-force_delete: whatever it is, as long as nobody uses it (H-61). */
  beginForcedDeletion: {
    from: [
      'creating',
      'available',
      'attaching',
      'in-use',
      'detaching',
      'maintenance',
      'restoring-backup',
      'error_restoring',
      'extending',
      'error_extending',
      'error',
      'error_deleting',
    ],
    to: 'deleting',
  },
  /** The pool holds nothing of it any more. */
  finishDeletion: { from: ['deleting'], to: 'deleted' },
  /** Somebody is about to use it (H-63). */
  reserve: { from: ['available'], to: 'attaching' },
  unreserve: { from: ['attaching'], to: 'available' },
  attach: { from: ['available', 'attaching'], to: 'in-use' },
  /** Of a volume that is attached all the same. */
  keepAttached: { from: ['attaching'], to: 'in-use' },
  beginDetaching: { from: ['in-use'], to: 'detaching' },
  rollDetaching: { from: ['detaching'], to: 'in-use' },
  detach: { from: ['in-use', 'detaching', 'attaching'], to: 'available' },
} as const satisfies Record<string, Move<VolumeStatus>>;

const LIVE_BACKUP = ['creating', 'available', 'deleting', 'error', 'error_deleting', 'restoring'] as const;

/** Backups. */
export const BACKUP_MOVES = {
  /** A volume becomes the reader (S-5: only an available backup may be restored). */
  lock: { from: ['available'], to: 'restoring' },
  /** The reader is done, with whatever result. */
  release: { from: ['restoring'], to: 'available' },
  /** The record goes (H-69); what it tells of stays in the repository. */
  delete: { from: ['available', 'error'], to: 'deleted' },
  /** An administrator's os-force_delete (H-70): whatever it is, as long as no volume reads it. */
  forcedDelete: { from: LIVE_BACKUP, to: 'deleted' },
  /** The same where its objects go too: not before they are gone does the record go. */
  beginDeletion: { from: ['available', 'error'], to: 'deleting' },
  beginForcedDeletion: { from: LIVE_BACKUP, to: 'deleting' },
  finishDeletion: { from: ['deleting'], to: 'deleted' },
  failDeletion: { from: ['deleting'], to: 'error_deleting' },
  /** An administrator's os-reset_status, of a backup that no volume reads (H-70). */
  resetToAvailable: { from: LIVE_BACKUP, to: 'available' },
  resetToError: { from: LIVE_BACKUP, to: 'error' },
} as const satisfies Record<string, Move<BackupStatus>>;

export type VolumeMove = keyof typeof VOLUME_MOVES;
export type BackupMove = keyof typeof BACKUP_MOVES;
