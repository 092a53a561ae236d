import { Refusal } from './errors';
import type { Volume, VolumeStatus } from './volume';

/*
 * os-reset_status: what an administrator may say a volume is. Cinder believes him anything; here two promises stand above
 * his word: what was never verified is never usable, and what a workflow is at work on is its own.
 */

/** Cinder's statuses, in its order (H-60). */
export const CINDER_STATUSES = [
  'creating',
  'available',
  'deleting',
  'error',
  'error_deleting',
  'error_managing',
  'managing',
  'attaching',
  'in-use',
  'detaching',
  'maintenance',
  'restoring-backup',
  'error_restoring',
  'reserved',
  'awaiting-transfer',
  'backing-up',
  'error_backing-up',
  'error_extending',
  'downloading',
  'uploading',
  'retyping',
  'extending',
] as const;

export type CinderStatus = (typeof CINDER_STATUSES)[number];

/** Those that mean something here. */
const RESETTABLE = [
  'creating',
  'available',
  'error',
  'error_deleting',
  'attaching',
  'in-use',
  'detaching',
  'maintenance',
  'error_restoring',
  'error_extending',
] as const satisfies readonly VolumeStatus[];

/** Of data that was never verified. */
const UNVERIFIED: readonly VolumeStatus[] = ['error', 'error_deleting', 'error_restoring'];

/** @throws Refusal('InvalidInput' | 'InvalidVolume') */
export function judgeReset(volume: Volume, asked: CinderStatus): VolumeStatus {
  const status = RESETTABLE.find((known) => known === asked);
  if (status === undefined) throw new Refusal('InvalidInput', `Cannot reset-state to ${asked}`);
  if (volume.status === 'deleting') throw invalid(`Volume ${volume.id} is being deleted.`);
  if (volume.status === 'restoring-backup') {
    throw invalid(
      `Backup ${volume.restore?.backupId} is being restored into volume ${volume.id}. Wait for its end, or cancel its workflow.`,
    );
  }
  if (volume.status === 'extending') {
    throw invalid(`Volume ${volume.id} is being extended. Wait for its end, or cancel its workflow.`);
  }
  if (volume.isProven) return status;
  if (volume.status === 'creating') {
    throw invalid(`Volume ${volume.id} is being created. Wait for its end, or delete it: that is allowed at any time.`);
  }
  if (UNVERIFIED.includes(status)) return status;
  if (volume.restore) {
    throw invalid(
      `Volume ${volume.id} holds a part of backup ${volume.restore.backupId} and a part of what was there before. ` +
        'Restore a backup into it, or retry the restore (action rekindle-retry).',
    );
  }
  throw invalid(`Volume ${volume.id} has never been available: its data has not been verified.`);
}

function invalid(reason: string): Refusal {
  return new Refusal('InvalidVolume', `Invalid volume: ${reason}`);
}
