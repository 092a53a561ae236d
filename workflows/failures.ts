import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { isRefusalCode } from '../src/domain/errors';
import type { RefusalCode } from '../src/domain/errors';
import type { CreateFailure } from '../src/domain/failure-reason';

/** The refusal that a step threw, if that is what failed. */
export function refusalCodeOf(failure: unknown): RefusalCode | null {
  const cause = causeOf(failure);
  return cause instanceof ApplicationFailure && isRefusalCode(cause.type) ? cause.type : null;
}

/** Whether no worker took the step from its queue in time. */
export function nobodyCame(failure: unknown): boolean {
  const cause = causeOf(failure);
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/** Whether all attempts that the step had were used up, which proves nothing yet. */
export function triedInVain(failure: unknown): boolean {
  return failure instanceof ActivityFailure && failure.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
}

/** What failed, in the domain's words. */
export function createFailureOf(failure: unknown): CreateFailure {
  if (isCancellation(failure)) return { code: 'Cancelled', message: 'cancelled' };
  const cause = causeOf(failure);
  return {
    code: refusalCodeOf(failure) ?? 'Unknown',
    message: cause instanceof Error ? wordsOf(cause) : String(cause),
  };
}

/** How the run closes: a cancelled one as cancelled, any other as failed, with the reason where an operator looks first. */
export function closingFailure(failure: unknown): unknown {
  if (isCancellation(failure) || failure instanceof ApplicationFailure) return failure;
  const { code, message } = createFailureOf(failure);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    cause: failure instanceof Error ? failure : undefined,
  });
}

/** Temporal's words for a step whose time was up tell a user nothing; why its last attempt failed does. */
function wordsOf(cause: Error): string {
  if (!(cause instanceof TimeoutFailure)) return cause.message;
  const last = cause.cause instanceof Error ? ` The last error: ${cause.cause.message.replace(/\.$/, '')}.` : '';
  return `It could not be done in time.${last}`;
}

function causeOf(failure: unknown): unknown {
  return failure instanceof ActivityFailure && failure.cause ? failure.cause : failure;
}
