import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowRuns } from '../../activities/house';
import { createWorkflowId, restoreWorkflowId } from '../temporal';

/** Other runs, through Temporal. */
export function temporalRuns(client: Client): WorkflowRuns {
  return {
    cancelCreation: async (volumeId, signal) => {
      await cancelRun(client, createWorkflowId(volumeId), signal);
      await cancelRun(client, restoreWorkflowId(volumeId), signal);
    },
  };
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
