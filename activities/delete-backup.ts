import { Context } from '@temporalio/activity';
import type { BackupLink } from '../src/domain/backup';
import type { DeleteBackupRequest } from '../src/domain/create-request';
import { policyOf } from './accept-request';
import type { OfRun, RestorePolicy } from './accept-request';
import type { ControlHouse, DataHouse } from './house';

export interface BegunBackupDeletion {
  /** Whose objects are to be removed; null: they are another backup's too. */
  readonly link: BackupLink | null;
  /** Where the workers listen that reach repositories. */
  readonly repositoryQueue: string;
  readonly policy: RestorePolicy;
}

/** Backup `→ deleting`. */
export function beginBackupDeletion(house: ControlHouse) {
  return async ({ backupId, runId, force }: DeleteBackupRequest & OfRun): Promise<BegunBackupDeletion> => {
    const { backup, sharesObjects } = await house.catalog.beginBackupDeletion(backupId, runId, force);
    const { repositoryQueue } = house;
    return { link: sharesObjects ? null : linkOf(backup), repositoryQueue, policy: policyOf(house) };
  };
}

function linkOf({ id, parentId, volumeId, sizeGib, service, container, ...rest }: BackupLink): BackupLink {
  const { serviceMetadata, objectCount } = rest;
  return { id, parentId, volumeId, sizeGib, service, container, serviceMetadata, objectCount };
}

/** Removes what the backup has in its repository. */
export function deleteBackupObjects(house: DataHouse) {
  return async ({ link }: { link: BackupLink }): Promise<void> => {
    const context = Context.current();
    await house.backupDriverOf(link.service).deleteObjects(link, {
      signal: context.cancellationSignal,
      onDeleted: (deletedObjects) => context.heartbeat({ deletedObjects }),
    });
  };
}

/** `deleting → deleted`: the quota is given back. */
export function finishBackupDeletion(house: ControlHouse) {
  return async ({ backupId }: { backupId: string }): Promise<void> => house.catalog.finishBackupDeletion(backupId);
}

/** `deleting → error_deleting`, with the reason. */
export function failBackupDeletion(house: ControlHouse) {
  return async ({ backupId, reason }: { backupId: string; reason: string }): Promise<void> =>
    house.catalog.failBackupDeletion(backupId, reason);
}
