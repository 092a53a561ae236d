import { Context } from '@temporalio/activity';

/** Of the workflow that the step belongs to. @throws Error outside of a workflow, where no step is run */
export function thisRunId(): string {
  const { workflowExecution } = Context.current().info;
  if (!workflowExecution) throw new Error('This step belongs to no workflow');
  return workflowExecution.runId;
}
