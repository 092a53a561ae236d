import { Problem } from './problems';
import type { NoAnswer } from '../runs/temporal-answers';

/** What is known of a request that nobody took in time. */
const OUTCOMES = {
  create: 'No volume was created',
  restore: 'Nothing was changed',
  extension: 'Nothing was changed',
  retry: 'It may still be carried out',
  deletion: 'It may still be carried out',
} as const;

/** 503: who asked gets no word. */
export function notExplained(cause: NoAnswer): Problem {
  const text =
    'The request was not explained in time: Temporal or its workers did not answer. ' +
    'Nothing was changed, and the request can safely be repeated.';
  return new Problem(503, text, { cause });
}

/** 503: Temporal or its workers are away. */
export function notAccepted(what: keyof typeof OUTCOMES, cause: NoAnswer): Problem {
  const asked = what === 'create' ? 'request' : what;
  const text =
    `The ${asked} was not accepted in time: Temporal or its workers did not answer. ` +
    `${OUTCOMES[what]}, and the request can safely be repeated.`;
  return new Problem(503, text, { cause });
}
