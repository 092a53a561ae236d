import { randomUUID } from 'node:crypto';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowRuns } from '../../activities/house';
import type { VolumeWorkflows } from './volume-workflows';
import type { RunEnd, Work } from '../domain/abandoned';
import { Refusal } from '../domain/errors';
import { requireRetryable, retryRequestOf } from '../domain/retry';
import {
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../temporal';

/** Other runs, through Temporal. @param workflows has new ones accepted, as the API does */
export function temporalRuns(client: Client, workflows: VolumeWorkflows): WorkflowRuns {
  return {
    cancelWork: async (volumeId, signal) => {
      await cancelRun(client, createWorkflowId(volumeId), signal);
      await cancelRun(client, restoreWorkflowId(volumeId), signal);
      await cancelRun(client, extendWorkflowId(volumeId), signal);
    },
    stateOf: async (work, id) => {
      try {
        const { status } = await client.workflow.getHandle(WORKFLOW_ID[work](id)).describe();
        return ENDS[status.name] ?? 'running';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'unknown';
        throw error;
      }
    },
    resumeCreation: (volume) =>
      orRefused(workflows.retry({ ...retryRequestOf(volume, requireRetryable(volume)), isResumed: true })),
    resumeRestore: async ({ id, projectId, restore }, expiresAt) => {
      if (restore)
        await orRefused(workflows.restore({ volumeId: id, projectId, ...restore, expiresAt, isResumed: true }));
    },
    resumeExtension: async ({ id, projectId, extension }, expiresAt) => {
      if (extension) await orRefused(workflows.extend({ volumeId: id, projectId, ...extension, expiresAt }));
    },
    resumeDeletion: ({ id, projectId, requestId }) =>
      orRefused(workflows.remove({ volumeId: id, projectId, requestId })),
    resumeBackupDeletion: ({ id, projectId }) =>
      orRefused(workflows.removeBackup({ backupId: id, projectId, requestId: `req-${randomUUID()}`, force: false })),
  };
}

const WORKFLOW_ID: Readonly<Record<Work, (id: string) => string>> = {
  creation: createWorkflowId,
  restore: restoreWorkflowId,
  extension: extendWorkflowId,
  deletion: deleteWorkflowId,
  'backup-deletion': deleteBackupWorkflowId,
};

const ENDS: Partial<Record<WorkflowExecutionStatusName, RunEnd>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

/** Refused: somebody else was faster, or the run has said why, and left the volume at its end. */
async function orRefused(accepted: Promise<void>): Promise<void> {
  try {
    await accepted;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

async function cancelRun(client: Client, workflowId: string, signal: AbortSignal): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    await client.connection.withAbortSignal(signal, () => handle.cancel());
    await client.connection.withAbortSignal(signal, () => ended(handle));
  } catch (error) {
    // No such run, or none any more: the catalog's row is all there is, and the deletion goes on.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** How the run ended doesn't matter here: cancelled, failed, or completed in the last moment. */
async function ended(handle: {
  describe(): Promise<{ status: { name: string } }>;
  result(): Promise<unknown>;
}): Promise<void> {
  await handle.result().catch(() => undefined);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') throw new Error('The run that writes the volume has not ended yet');
}
