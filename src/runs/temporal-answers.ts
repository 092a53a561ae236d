import {
  ApplicationFailure,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { isRefusalCode, Refusal } from '../domain/errors';

/** Nobody answered in time, so that it isn't known whether the request was accepted. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** gRPC's codes for a request that the server understood and will never carry out: a fault of ours, not a silence. */
const NEVER_STARTED: readonly number[] = [/* INVALID_ARGUMENT */ 3, /* PERMISSION_DENIED */ 7, /* UNIMPLEMENTED */ 12];

/** What the client's error says of the request: a Refusal, NoAnswer, or a fault of ours. */
export function outcomeOf(error: unknown): unknown {
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    const { cause } = error;
    if (cause instanceof ApplicationFailure && isRefusalCode(cause.type)) {
      return new Refusal(cause.type, cause.message, { cause: error });
    }
    return new NoAnswer('The workflow ended without a word on the request', { cause: error });
  }
  const code = grpcCodeOf(error);
  if (code !== null && NEVER_STARTED.includes(code)) return error;
  return isSilence(error) ? new NoAnswer('Temporal or its workers did not answer in time', { cause: error }) : error;
}

function isSilence(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof ServiceError ||
    // An earlier attempt of this very call got through, and its answer was lost.
    error instanceof WorkflowExecutionAlreadyStartedError ||
    isGrpcServiceError(error)
  );
}

function grpcCodeOf(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCodeOf(error.cause) : null;
}
