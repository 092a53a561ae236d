import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowRuns } from '../../activities/house';
import type { VolumeWorkflows } from '../api/volume-workflows';
import type { RunEnd } from '../domain/abandoned';
import { Refusal } from '../domain/errors';
import { requireRetryable, retryRequestOf } from '../domain/retry';
import { createWorkflowId, deleteWorkflowId } from '../temporal';

/** Other runs, through Temporal. @param workflows has new ones accepted, as the API does */
export function temporalRuns(client: Client, workflows: Pick<VolumeWorkflows, 'retry' | 'remove'>): WorkflowRuns {
  return {
    cancelCreation: async (volumeId, signal) => {
      const handle = client.workflow.getHandle(createWorkflowId(volumeId));
      try {
        await client.connection.withAbortSignal(signal, () => handle.cancel());
        await client.connection.withAbortSignal(signal, () => ended(handle));
      } catch (error) {
        // No such run, or none any more: the catalog's row is all there is, and the deletion goes on.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    stateOf: async (volumeId, work) => {
      const workflowId = work === 'create' ? createWorkflowId(volumeId) : deleteWorkflowId(volumeId);
      try {
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return ENDS[status.name] ?? 'running';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'unknown';
        throw error;
      }
    },
    resumeCreation: (volume) => orRefused(workflows.retry(retryRequestOf(volume, requireRetryable(volume)))),
    resumeDeletion: ({ id, projectId, requestId }) =>
      orRefused(workflows.remove({ volumeId: id, projectId, requestId })),
  };
}

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

/** How the run ended doesn't matter here: cancelled, failed, or completed in the last moment. */
async function ended(handle: {
  describe(): Promise<{ status: { name: string } }>;
  result(): Promise<unknown>;
}): Promise<void> {
  await handle.result().catch(() => undefined);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') throw new Error('The run that creates the volume has not ended yet');
}
