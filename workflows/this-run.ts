import { workflowInfo } from '@temporalio/workflow';

/**
 * Who this run is to the catalog, which lets nobody else end what it began. A reset makes a new run of the same history, and the same
 * owner; a retry makes another.
 */
export function thisRun(): string {
  return workflowInfo().firstExecutionRunId;
}
