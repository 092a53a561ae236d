import { ApplicationFailure, CancellationScope, isCancellation, log } from '@temporalio/workflow';
import { refusalCodeOf } from './failures';
import { show } from './on-display';

/** Undoes one step. Safe to run twice, and a no-op if the step never took effect. */
export type Compensation = (failure: unknown) => Promise<void>;

/** Registers what undoes a step. Call it *before* the step: a step may take effect and its answer be lost. */
export type Undo = (name: string, compensation: Compensation) => void;

interface Registered {
  readonly name: string;
  readonly compensation: Compensation;
}

/**
 * Runs `work`. If it fails or is cancelled, runs the registered compensations in reverse order where no cancellation can
 * reach them, each attempted even if an earlier one failed; then the original failure goes on its way.
 * `Fenced` means that a newer run owns the rows: nothing is touched.
 * @throws ApplicationFailure `CompensationFailed`, naming what could not be undone, when an operator must look.
 */
export async function saga<Result>(work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const registered: Registered[] = [];
  try {
    return await work((name, compensation) => registered.push({ name, compensation }));
  } catch (failure) {
    if (refusalCodeOf(failure) === 'Fenced') throw failure;
    show('compensating', { details: `undoing, because of: ${describeFailure(failure)}` });
    await CancellationScope.nonCancellable(() => compensate(registered.reverse(), failure));
    throw failure;
  }
}

async function compensate(compensations: readonly Registered[], failure: unknown): Promise<void> {
  const notUndone: string[] = [];
  for (const { name, compensation } of compensations) {
    try {
      await compensation(failure);
    } catch (error) {
      log.error('a compensation failed', { compensation: name, error });
      notUndone.push(`${name}: ${describeFailure(error)}`);
    }
  }
  if (notUndone.length === 0) return;
  throw ApplicationFailure.create({
    type: 'CompensationFailed',
    nonRetryable: true,
    message: `${describeFailure(failure)}; and not undone: ${notUndone.join('; ')}`,
    cause: failure instanceof Error ? failure : undefined,
  });
}

function describeFailure(failure: unknown): string {
  if (isCancellation(failure)) return 'cancelled';
  const innermost = innermostOf(failure);
  return innermost instanceof Error ? innermost.message : String(innermost);
}

function innermostOf(failure: unknown): unknown {
  return failure instanceof Error && failure.cause ? innermostOf(failure.cause) : failure;
}
