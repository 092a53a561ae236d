import { requireBackupAllows } from './acceptance';
import type { AcceptanceFacts } from './acceptance';
import type { CreateVolumeFromBackupRequest } from './create-request';
import { Refusal } from './errors';
import type { CreateFailure } from './failure-reason';
import { VOLUME_MOVES } from './moves';
import type { Volume } from './volume';

/**
 * Whether a new run may make the volume after all. One that is `creating` passes: whether the run that made it so still goes on
 * is Temporal's to know, which lets two runs of one id never go on at once.
 * @returns the backup that it is made from
 * @throws Refusal('InvalidVolume') that says what to do instead
 */
export function requireRetryable(volume: Pick<Volume, 'id' | 'status' | 'backupId' | 'isProven' | 'restore'>): string {
  const { id, status, backupId } = volume;
  const permitted: readonly string[] = [...VOLUME_MOVES.retry.from, VOLUME_MOVES.retry.to];
  if (!permitted.includes(status)) {
    throw new Refusal(
      'InvalidVolume',
      `Invalid volume: Volume ${id} status must be ${VOLUME_MOVES.retry.from.join(' or ')} to retry its creation, but it is ${status}.`,
    );
  }
  if (volume.isProven || volume.restore) {
    throw new Refusal(
      'InvalidVolume',
      `Invalid volume: Volume ${id} has been available since it was created: a retry would overwrite what it holds. ` +
        'Restore a backup into it instead.',
    );
  }
  if (backupId !== null) return backupId;
  throw new Refusal(
    'InvalidVolume',
    `Invalid volume: Volume ${id} was not created from a backup: there is nothing to go on with. ` +
      'Delete it and create it again.',
  );
}

/** The request that the volume came from, as far as it still counts. */
export function retryRequestOf(volume: Volume, backupId: string): CreateVolumeFromBackupRequest {
  const { id, projectId, userId, requestId, sizeGib, name, description, availabilityZone, metadata, readBack } = volume;
  return {
    volumeId: id,
    backupId,
    volumeType: volume.volumeTypeId,
    // Of no account where a row is.
    expiresAt: volume.createdAt.toISOString(),
    ...{ projectId, userId, requestId, sizeGib, name, description, availabilityZone, metadata, readBack },
  };
}

/** The rules of a create that may have changed meanwhile: those of its backup. @throws Refusal */
export function judgeRetry(
  volume: Volume,
  facts: Pick<AcceptanceFacts, 'backup' | 'backupLock' | 'backupReaders'>,
): void {
  if (!facts.backup) throw new Refusal('BackupNotFound', `Backup ${volume.backupId} could not be found.`);
  requireBackupAllows(facts.backup, facts, volume.sizeGib);
}

/** Failures that say nothing against the data that was copied so far, nor against copying the rest. */
const WORTH_KEEPING: readonly CreateFailure['code'][] = ['Unknown', 'NoProgress', 'NoValidBackend', 'Abandoned'];

/** Whether what a failed create leaves on its pool is kept for a retry. What was cancelled, refused or proven bad isn't. */
export function leavesDataForRetry({ code }: CreateFailure): boolean {
  return WORTH_KEEPING.includes(code);
}
