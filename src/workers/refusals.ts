import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Refusal } from '../domain/errors';

/**
 * Makes a step's refusal final: it crosses Temporal as a non-retryable failure whose type is the refusal's code.
 * Everything else that a step throws means "unknown", and Temporal repeats the step.
 */
export const refusalsAreFinal: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: async (input, next) => {
      try {
        return await next(input);
      } catch (error) {
        throw error instanceof Refusal ? asFinal(error) : error;
      }
    },
  },
});

function asFinal(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.create({
    message: refusal.message,
    type: refusal.code,
    nonRetryable: true,
    cause: refusal.cause instanceof Error ? refusal.cause : undefined,
  });
}
