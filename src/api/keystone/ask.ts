import { Problem } from '../problems';
import type { KeystoneSettings } from '../settings';
import { readToken } from './token';
import type { Token } from './token';

export interface KeystoneAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** @throws Problem 503 if there is no whole answer in time */
export async function askKeystone(
  { url, timeoutMs }: KeystoneSettings,
  path: string,
  init: RequestInit,
): Promise<KeystoneAnswer> {
  try {
    const response = await fetch(`${url}${path}`, {
      ...init,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw noHelp(`no answer from ${url}`, error);
  }
}

/** @throws Problem 503 if it isn't what Keystone answers */
export function tokenIn({ text }: KeystoneAnswer): Token {
  try {
    return readToken(JSON.parse(text));
  } catch (error) {
    throw noHelp('it answered what is no token', error);
  }
}

/** The caller hears that he may try again; why stands in the log. */
export function noHelp(why: string, cause?: unknown): Problem {
  return new Problem(503, 'The identity service cannot be asked at the moment.', {
    cause: new Error(`Keystone: ${why}`, { cause }),
  });
}
