import { CancellationScope } from '@temporalio/workflow';
import type { DeleteBackupRequest } from '../src/domain/create-request';
import { admitted } from './acceptance';
import { closingFailure, createFailureOf } from './failures';
import { controlSteps, repositorySteps } from './steps';
import { thisRun } from './this-run';

/**
 * Deletes a backup and what it has in its repository. Backup: `available | error` → `deleting` → gone, or `error_deleting`.
 * Only goes forward once accepted: cancelling it changes nothing.
 */
export async function deleteBackup(request: DeleteBackupRequest): Promise<void> {
  const { backupId } = request;
  const { link, policy, repositoryQueue } = await admitted(() =>
    controlSteps().beginBackupDeletion({ ...request, runId: thisRun() }),
  );
  await CancellationScope.nonCancellable(async () => {
    try {
      if (link) await repositorySteps(repositoryQueue, policy).deleteBackupObjects({ link });
    } catch (failure) {
      const closing = closingFailure(failure);
      await controlSteps().failBackupDeletion({ backupId, reason: createFailureOf(closing).message });
      throw closing;
    }
    await controlSteps().finishBackupDeletion({ backupId });
  });
}
