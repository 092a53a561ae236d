import { isRefusalCode, Refusal } from '../domain/errors';

/** An error on its way to another process or thread. */
export interface Fault {
  /** Of a refusal. */
  readonly code: string | null;
  readonly message: string;
  readonly stack: string | null;
}

export function faultOf(error: unknown): Fault {
  const code = error instanceof Refusal ? error.code : null;
  if (!(error instanceof Error)) return { code, message: String(error), stack: null };
  return { code, message: error.message, stack: error.stack ?? null };
}

/** A refusal stays one; anything else is an error whose stack tells where it came from. */
export function errorOf({ code, message, stack }: Fault): Error {
  if (isRefusalCode(code)) return new Refusal(code, message);
  const error = new Error(message);
  if (stack !== null) error.stack = stack;
  return error;
}
