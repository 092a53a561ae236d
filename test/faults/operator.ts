import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { eventually } from '../support/eventually';

/** temporal/api/enums/v1/workflow.proto: paused, with no attempt running any more. */
const PAUSED = 4;

export interface PendingStep {
  readonly workflowId: string;
  readonly activityId: string;
}

/** What an operator does in Temporal's UI, or by its CLI. */
export interface Operator {
  cancel(workflowId: string): Promise<void>;
  terminate(workflowId: string): Promise<void>;
  /** As though Temporal had lost its history. */
  lose(workflowId: string): Promise<void>;
  pause(step: PendingStep): Promise<void>;
  /** Once no attempt runs any more. Nothing to do where the run has ended meanwhile. */
  unpause(step: PendingStep): Promise<void>;
  /** A new run of the same history, up to where this step was begun. */
  reset(step: PendingStep): Promise<void>;
}

export function temporalOperator(client: Client, namespace: string): Operator {
  const service = client.workflowService;
  const handleOf = (workflowId: string) => client.workflow.getHandle(workflowId);
  return {
    cancel: async (workflowId) => {
      await handleOf(workflowId).cancel();
    },
    terminate: async (workflowId) => {
      await handleOf(workflowId).terminate('an operator meant well');
    },
    lose: async (workflowId) => {
      await service.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
    },
    pause: async ({ workflowId, activityId: id }) => {
      await service.pauseActivity({ namespace, execution: { workflowId }, id });
    },
    unpause: async ({ workflowId, activityId: id }) => {
      await eventually(async () => {
        const { raw } = await handleOf(workflowId).describe();
        const pending = raw.pendingActivities?.find(({ activityId }) => activityId === id);
        return !pending || Number(pending.state) === PAUSED ? true : null;
      });
      await service.unpauseActivity({ namespace, execution: { workflowId }, id }).catch(() => undefined);
    },
    reset: async ({ workflowId, activityId }) => {
      const { events } = await handleOf(workflowId).fetchHistory();
      const begun = events!.findLastIndex(
        ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityId === activityId,
      );
      const decided = events!.slice(0, begun).findLast((event) => event.workflowTaskCompletedEventAttributes);
      await service.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId },
        workflowTaskFinishEventId: decided!.eventId,
        requestId: randomUUID(),
        reason: 'a test',
      });
    },
  };
}
