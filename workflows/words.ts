import { workflowInfo } from '@temporalio/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import type { StepName } from '../activities/index';

/**
 * What each step is called in Temporal's UI, and the id that operators type
 * (`temporal activity pause --activity-id restore-backup …`).
 */
const WORDS: Readonly<Record<StepName, { readonly activityId: string; readonly summary: string }>> = {
  judgeRequest: { activityId: 'judge-request', summary: 'would it be accepted, and which pool would take it?' },
  planRestore: { activityId: 'plan-restore', summary: 'plan the restore, move nothing' },
  acceptRequest: { activityId: 'accept-request', summary: 'check the request, record the volume, take quota' },
  withdrawRequest: { activityId: 'withdraw-request', summary: 'undo: take the request back' },
  failVolume: { activityId: 'fail-volume', summary: 'undo: volume to error, with a message' },
  acceptRestore: { activityId: 'accept-restore', summary: 'check the request, lock volume and backup' },
  withdrawRestore: { activityId: 'withdraw-restore', summary: 'undo: take the request back' },
  failRestore: { activityId: 'fail-restore', summary: 'undo: volume to error_restoring, with a message' },
  acceptExtension: {
    activityId: 'accept-extension',
    summary: 'check the request, take quota and room, lock the volume',
  },
  withdrawExtension: { activityId: 'withdraw-extension', summary: 'undo: take the request back' },
  failExtension: { activityId: 'fail-extension', summary: 'undo: volume to error_extending, with a message' },
  completeExtension: { activityId: 'complete-extension', summary: 'volume available, with its new size' },
  lockBackup: { activityId: 'lock-backup', summary: 'lock the backup: available to restoring' },
  releaseBackup: { activityId: 'release-backup', summary: 'undo: release the backup' },
  scheduleVolume: { activityId: 'schedule-volume', summary: 'choose a pool, reserve its capacity' },
  checkPool: { activityId: 'check-pool', summary: 'does anybody serve the pool?' },
  checkCopy: { activityId: 'check-copy', summary: 'does any attempt get to its copy?' },
  createFromBackup: { activityId: 'create-from-backup', summary: "plan the restore, try the driver's own way" },
  createRawVolume: { activityId: 'create-raw-volume', summary: 'make an empty volume' },
  extendRawVolume: { activityId: 'extend-raw-volume', summary: 'make the volume on its pool larger' },
  restoreBackup: { activityId: 'restore-backup', summary: 'copy and verify the data' },
  limitBandwidth: { activityId: 'limit-bandwidth', summary: 'note what the copy may move' },
  oweRemoval: { activityId: 'owe-removal', summary: 'undo: leave the pool, note what must be removed there' },
  removeVolume: { activityId: 'remove-volume', summary: 'remove the data from the pool' },
  completeVolume: { activityId: 'complete-volume', summary: 'volume available, backup released' },
  beginDeletion: { activityId: 'begin-deletion', summary: 'volume to deleting' },
  cancelWork: { activityId: 'cancel-work', summary: 'cancel what is at work on the volume, await its end' },
  locateVolume: { activityId: 'locate-volume', summary: 'where does its data lie?' },
  findAbandoned: { activityId: 'find-abandoned', summary: 'which volumes and backups have no workflow any more?' },
  resumeWork: { activityId: 'resume-work', summary: 'go on in a new run' },
  beginBackupDeletion: { activityId: 'begin-backup-deletion', summary: 'backup to deleting' },
  deleteBackupObjects: { activityId: 'delete-backup-objects', summary: 'remove its objects from the repository' },
  finishBackupDeletion: { activityId: 'finish-backup-deletion', summary: 'forget the backup, give its quota back' },
  failBackupDeletion: { activityId: 'fail-backup-deletion', summary: 'backup to error_deleting, with the reason' },
  finishDeletion: { activityId: 'finish-deletion', summary: 'forget the volume, give its quota back' },
};

/** The reconciler runs one step for many volumes at once, and an id can't be given twice. */
function wordsFor(step: StepName): { readonly activityId?: string; readonly summary: string } {
  const { summary } = WORDS[step];
  return workflowInfo().workflowType === 'reconcile' ? { summary } : WORDS[step];
}

function isStep(name: string): name is StepName {
  return name in WORDS;
}

/** Loaded by the workflow bundle; puts the words on every activity. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity: (input, next) => {
        const words = isStep(input.activityType) ? wordsFor(input.activityType) : {};
        return next({ ...input, options: { ...input.options, ...words } });
      },
    },
  ],
});
