import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Caller } from './caller';

/** What the API itself knows of a request in progress; Express carries it on `res.locals`. */
export interface ExchangeLocals {
  /** `req-<uuid>`: on every answer, in every log line, and on the user messages of what is created (H-20). */
  readonly requestId: string;
  readonly log: Logger;
  /** Set by the authenticator. */
  caller?: Caller;
}

export type ExchangeResponse = Response<unknown, ExchangeLocals>;

/** A handler of ours: Express's, with typed locals. */
export type ExchangeHandler = (req: Request, res: ExchangeResponse, next: NextFunction) => void | Promise<void>;

export interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends JSON as Cinder does: no charset, and a length even where there is no body (H-7). */
export function send(res: ExchangeResponse, { status, body, headers = {} }: Reply): void {
  res.status(status);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (body === undefined) {
    if (status !== 204) res.setHeader('Content-Length', '0');
    res.end();
    return;
  }
  const bytes = Buffer.from(JSON.stringify(body));
  res.setHeader('Content-Type', 'application/json');
  res.setHeader('Content-Length', bytes.length);
  res.end(bytes);
}

export function headerOf(req: Request, name: string): string | undefined {
  const value = req.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
