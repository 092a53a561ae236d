import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { headerOf } from './exchange';
import type { ExchangeHandler } from './exchange';

const REQUEST_ID = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Gives each request its id and a logger that bears it, and writes one line when it is answered (H-20). */
export function identifyRequests(log: Logger): ExchangeHandler {
  return (req, res, next) => {
    const requestId = `req-${randomUUID()}`;
    const global = headerOf(req, 'X-OpenStack-Request-ID');
    const bindings = { requestId, ...(global && REQUEST_ID.test(global) ? { globalRequestId: global } : {}) };
    res.locals = { requestId, log: log.child(bindings) };
    res.setHeader('x-openstack-request-id', requestId);
    res.setHeader('x-compute-request-id', requestId);
    logAnswer(req.method, req.originalUrl, res);
    next();
  };
}

function logAnswer(method: string, url: string, res: Parameters<ExchangeHandler>[1]): void {
  const begunAt = performance.now();
  res.once('close', () => {
    const durationMs = Math.round(performance.now() - begunAt);
    // A caller who hung up before the answer was out is worth knowing about.
    const outcome = res.writableFinished ? 'answered' : 'the caller left before the answer';
    res.locals.log.info({ method, url, status: res.statusCode, durationMs }, outcome);
  });
}
