import { isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import type { Progress } from '../domain/progress';
import { createWorkflowId } from '../temporal';
import { RESTORE_STATE } from '../../workflows/search-attributes';

/** How the run that creates a volume stands, as Temporal knows it. */
export interface CreationRun {
  /** `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED` … */
  readonly status: string;
  /** What the workflow is at (`workflows/on-display.ts`); null before it said so. */
  readonly state: string | null;
  /** How often the step that is under way was begun; null between steps. */
  readonly attempt: number | null;
  /** What the copy last told; null while none runs. */
  readonly progress: Heartbeat | null;
  /** Why the attempt before this one failed; null if none did. */
  readonly lastError: string | null;
}

/** What a copy tells as it goes (`activities/writing-attempt.ts`). */
export interface Heartbeat extends Progress {
  /** Since when no byte has moved; null before anything is known of that. */
  readonly stalledMs: number | null;
}

const HEARTBEAT: z.ZodType<Heartbeat> = z.object({
  phase: z.enum(['wait', 'plan', 'resume', 'copy', 'clone', 'verify']),
  doneBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number(),
  stalledMs: z.number().nullable().default(null),
});

/** null if Temporal knows of no such run, or says nothing in time. */
export async function describeCreation(
  client: Client,
  volumeId: string,
  timeoutMs: number,
): Promise<CreationRun | null> {
  try {
    const handle = client.workflow.getHandle(createWorkflowId(volumeId));
    return runOf(await client.withDeadline(Date.now() + timeoutMs, () => handle.describe()));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof ServiceError || isGrpcServiceError(error))
      return null;
    throw error;
  }
}

function runOf({ status, typedSearchAttributes, raw }: WorkflowExecutionDescription): CreationRun {
  const pending = raw.pendingActivities?.[0];
  return {
    status: status.name,
    state: typedSearchAttributes.get(RESTORE_STATE) ?? null,
    attempt: pending?.attempt ?? null,
    progress: progressOf(pending?.heartbeatDetails?.payloads?.[0]),
    lastError: pending?.lastFailure?.message ?? null,
  };
}

function progressOf(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | undefined): Heartbeat | null {
  if (!payload) return null;
  const parsed = HEARTBEAT.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data : null;
}
