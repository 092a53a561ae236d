import { z } from 'zod';
import type { Request } from 'express';
import type { Caller } from '../caller';
import { headerOf, send } from '../exchange';
import type { ExchangeHandler, ExchangeResponse } from '../exchange';
import type { KeystoneSettings } from '../settings';
import { allows } from './access-rules';
import { rememberingTokens } from './known-tokens';
import type { Token } from './token';
import { tokenValidator } from './validator';
import type { TokenValidator } from './validator';

/** What keystonemiddleware does: the caller is whom Keystone says that his token is (H-24). */
export function keystoneAuthenticator(settings: KeystoneSettings): ExchangeHandler {
  const validator = rememberingTokens(tokenValidator(settings), settings);
  return async (req, res, next) => {
    const token = await callersToken(req, validator, settings);
    if (!token) {
      refuse(res, settings);
      return;
    }
    res.locals.caller = callerOf(token);
    next();
  };
}

/**
 * Another service, such as Nova, may bring its own token beside its user's. A bad one spoils the request; one with a service's
 * role lets the user's token have expired meanwhile, because what he began may take longer than his token lives.
 */
async function callersToken(
  req: Request,
  validator: TokenValidator,
  { serviceRoles }: KeystoneSettings,
): Promise<Token | null> {
  const serviceText = headerOf(req, 'X-Service-Token');
  const service = serviceText === undefined ? null : await validated(serviceText, validator, false);
  if (serviceText !== undefined && !service) return null;
  const evenExpired = service !== null && serviceRoles.some((role) => service.roles.includes(role.toLowerCase()));
  const token = await validated(headerOf(req, 'X-Auth-Token') ?? '', validator, evenExpired);
  return token && mayAsk(req, token, service !== null) ? token : null;
}

/** Of a chain of requests, which a service's token shows, the first one was allowed, and this need not be. */
function mayAsk({ method, originalUrl }: Request, { accessRules }: Token, isOfService: boolean): boolean {
  if (accessRules === null || isOfService) return true;
  return allows(accessRules, { method, path: originalUrl.replace(/\?.*$/s, '') });
}

/** Keystone's Fernet tokens have some 200 characters, its JWS tokens some 1,000; nothing else is worth a question. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

async function validated(text: string, validator: TokenValidator, evenExpired: boolean): Promise<Token | null> {
  const token = text.trim();
  return TOKEN.test(token) ? validator.validate(token, { evenExpired }) : null;
}

/** H-25, H-28. A token for no project lets nobody do anything: all that is here belongs to projects. */
function callerOf({ userId, projectId, roles }: Token): Caller {
  if (projectId === null) return { userId, projectId: '', isAdmin: false, isMember: false, isReader: false };
  const isAdmin = roles.includes('admin');
  return {
    userId,
    projectId,
    isAdmin,
    isMember: isAdmin || roles.includes('member'),
    isReader: isAdmin || roles.includes('reader'),
  };
}

export const UNAUTHORIZED = z.strictObject({
  error: z.strictObject({ code: z.literal(401), title: z.string(), message: z.string() }),
});

/** H-24: keystonemiddleware's answer, not Cinder's envelope. */
function refuse(res: ExchangeResponse, { publicUrl }: KeystoneSettings): void {
  const message = 'The request you have made requires authentication.';
  send(res, {
    status: 401,
    headers: { 'WWW-Authenticate': `Keystone uri="${publicUrl}"` },
    body: { error: { code: 401, title: 'Unauthorized', message } },
  });
}
