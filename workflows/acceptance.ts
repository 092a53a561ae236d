import { allHandlersFinished, CancellationScope, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { closingFailure } from './failures';
import { show } from './on-display';
import { saga } from './saga';
import type { Undo } from './saga';

/**
 * The caller's question "is it accepted?", asked together with the start. It only awaits what the main function does:
 * resolves once the request stands in the catalog, rejects with the refusal.
 */
export const acceptedUpdate = defineUpdate<undefined>('accepted');

type Answer = { readonly kind: 'pending' | 'accepted' } | { readonly kind: 'refused'; readonly refusal: unknown };

/**
 * Runs the steps that decide on a request and tells the caller. A refusal leaves no trace: what the steps did is undone,
 * the caller gets the reason, and the run ends with it. Call it before anything is awaited.
 */
export async function admitted<Result>(work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const answer = answerCaller();
  try {
    const result = await saga(work);
    answer({ kind: 'accepted' });
    return result;
  } catch (failure) {
    const refusal = closingFailure(failure);
    show('refused', { details: 'nothing was changed' });
    answer({ kind: 'refused', refusal });
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    throw refusal;
  }
}

function answerCaller(): (answer: Answer) => void {
  let given: Answer = { kind: 'pending' };
  setHandler(
    acceptedUpdate,
    async () => {
      await CancellationScope.nonCancellable(() => condition(() => given.kind !== 'pending'));
      if (given.kind === 'refused') throw given.refusal;
      return undefined;
    },
    { description: 'Resolves when the request is accepted; rejects with the refusal.' },
  );
  return (answer) => {
    given = answer;
  };
}
