import type { Client } from '@temporalio/client';
import type { CreateVolumeRequest } from '../domain/create-request';
import type { Explanation } from '../domain/explanation';
import { explainWorkflowId } from '../temporal';
import type { explainCreation as Run } from '../../workflows/explain-creation';
import { outcomeOf } from './temporal-answers';
import { wordsForExplanation } from './workflow-words';

interface RunOptions {
  readonly timeoutMs: number;
  readonly taskQueue: string;
}

/** Of the time that the caller waits, so much is for the plan: it is stopped, and what is known without it is told. */
const SHARE_OF_PLAN = 0.5;

/** Has the request explained by a run that nobody asks a second time. @throws Refusal; NoAnswer */
export async function explainCreation(
  client: Client,
  request: CreateVolumeRequest,
  { timeoutMs, taskQueue }: RunOptions,
): Promise<Explanation> {
  try {
    return await client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow.execute<typeof Run>('explainCreation', {
        ...wordsForExplanation(request),
        taskQueue,
        workflowId: explainWorkflowId(request.requestId),
        args: [{ ...request, planWithinMs: Math.round(timeoutMs * SHARE_OF_PLAN) }],
        workflowTaskTimeout: '3s',
        // Nobody waits for it any longer.
        workflowExecutionTimeout: timeoutMs,
      }),
    );
  } catch (error) {
    throw outcomeOf(error);
  }
}
