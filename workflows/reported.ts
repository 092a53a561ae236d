import { closingFailure, createFailureOf } from './failures';
import { show } from './on-display';

/** Runs what follows an acceptance: when it is over, an operator reads state and reason, and the run closes with them. */
export async function reported<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await work();
    show('available', { details: 'the volume is complete' });
    return result;
  } catch (failure) {
    const closing = closingFailure(failure);
    const { code, message } = createFailureOf(closing);
    show('error', { details: `${code}: ${message}`, needsOperator: isCompensationFailure(closing) });
    throw closing;
  }
}

function isCompensationFailure(failure: unknown): boolean {
  return failure instanceof Error && 'type' in failure && failure.type === 'CompensationFailed';
}
