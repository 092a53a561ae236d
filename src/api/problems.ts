import { z } from 'zod';
import { isRefusalCode, Refusal } from '../domain/errors';
import type { RefusalCode } from '../domain/errors';

/** An answer that isn't the one hoped for. The only place that knows statuses and envelopes: H-30 to H-32. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function badRequest(message: string): Problem {
  return new Problem(400, message);
}

/** H-32: "Volume <id> could not be found." */
export function notFound(what: string, id: string): Problem {
  return new Problem(404, `${what} ${id} could not be found.`);
}

/** `webob`'s own sentence, which Cinder lets through where it fails before it has one (H-15, H-36). */
export const WEBOB_BAD_REQUEST =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';
/** H-5. */
export const WEBOB_NOT_FOUND = 'The resource could not be found.';
/** H-31. */
const WENT_WRONG = 'The server has either erred or is incapable of performing the requested operation.';

/** H-30; what isn't here is a `computeFault`. */
const ENVELOPES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** Seconds. Quotas don't free themselves, and Cinder says 0 (H-21); whoever is away may be back soon. */
const RETRY_AFTER: Readonly<Record<number, string>> = { 413: '0', 503: '5' };

/** A code without a status is none that a caller can have caused: it becomes a 500. */
const REFUSAL_STATUS: Partial<Record<RefusalCode, number>> = {
  InvalidInput: 400,
  InvalidBackup: 400,
  InvalidVolume: 400,
  VolumeNotFound: 404,
  BackupNotFound: 404,
  VolumeTypeNotFound: 404,
  Conflict: 409,
  VolumeLimitExceeded: 413,
  VolumeSizeExceedsLimit: 413,
  VolumeSizeExceedsAvailableQuota: 413,
  BackupLimitExceeded: 413,
  VolumeBackupSizeExceedsAvailableQuota: 413,
  RequestExpired: 503,
};

/** Whatever was thrown, as an answer. What nobody foresaw is a 500 that tells the caller nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal && isRefusalCode(error.code)) {
    const status = REFUSAL_STATUS[error.code];
    if (status !== undefined) return new Problem(status, error.message, { cause: error });
  }
  if (isAway(error)) {
    return new Problem(503, 'The catalog of volumes and backups cannot be reached at the moment.', { cause: error });
  }
  return problemOfExpress(error) ?? new Problem(500, WENT_WRONG, { cause: error });
}

/** The body of a refusal by this status, as `answerOf` makes it. */
export function faultSchema(status: number): z.ZodType {
  const fault = { code: z.literal(status), message: z.string() };
  return z.strictObject({
    [envelopeOf(status)]: z.strictObject(status === 413 ? { ...fault, retryAfter: z.string() } : fault),
  });
}

function envelopeOf(status: number): string {
  return ENVELOPES[status] ?? 'computeFault';
}

export interface ProblemAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export function answerOf({ status, message }: Problem): ProblemAnswer {
  const retryAfter = RETRY_AFTER[status];
  const fault = { code: status, message, ...(status === 413 ? { retryAfter } : {}) };
  return {
    headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
    body: { [envelopeOf(status)]: fault },
  };
}

/** Express and its body reader name the status on the error; their texts aren't Cinder's. */
function problemOfExpress(error: unknown): Problem | null {
  const status = propertyOf(error, 'status');
  if (status === 413) return new Problem(413, 'Request is too large.', { cause: error });
  if (status === 415) return new Problem(415, 'Unsupported Content-Type', { cause: error });
  if (status === 400) return new Problem(400, WEBOB_BAD_REQUEST, { cause: error });
  return null;
}

/** Node's codes for a peer that can't be reached. */
const NETWORK_CODES = /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** SQLSTATE: connection exceptions, no resources left, and a server that stops or starts. */
const AWAY_SQLSTATES = /^(08|53|57P)[0-9A-Z]+$/;
/** `pg` and its pool give these no code. */
const AWAY_TEXTS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered)/;

/** The API asks nobody over the network but the catalog (Temporal's errors don't come this far). */
function isAway(error: unknown): boolean {
  const code = propertyOf(error, 'code');
  if (typeof code === 'string' && (NETWORK_CODES.test(code) || AWAY_SQLSTATES.test(code))) return true;
  const message = propertyOf(error, 'message');
  if (typeof message === 'string' && AWAY_TEXTS.test(message)) return true;
  const cause = propertyOf(error, 'cause');
  return cause !== undefined && isAway(cause);
}

function propertyOf(error: unknown, key: 'status' | 'code' | 'message' | 'cause'): unknown {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : undefined;
  return value;
}
