import { baseUrlOf } from './links';
import { headerOf } from './exchange';
import type { ExchangeHandler } from './exchange';
import { Problem } from './problems';
import type { ApiSettings } from './settings';

/** Project ids become search attributes of workflows, which hold 255 characters. */
const MAX_ID_CHARACTERS = 255;

/**
 * Cinder's `noauth`: whoever calls is the admin he says he is (H-22, H-23). The token is `user:project`; who brings none is
 * told, by an empty 204, which one to bring.
 */
export function noauth(settings: ApiSettings): ExchangeHandler {
  return (req, res, next) => {
    const token = headerOf(req, 'X-Auth-Token');
    if (!token) {
      const user = headerOf(req, 'X-Auth-User') ?? 'admin';
      const project = headerOf(req, 'X-Auth-Project-Id') ?? 'admin';
      res.setHeader('X-Auth-Token', `${user}:${project}`);
      res.setHeader('X-Server-Management-Url', `${baseUrlOf(req, settings)}${req.originalUrl}`.replace(/\/+$/, ''));
      res.status(204).type('text/plain').end();
      return;
    }
    const separator = token.indexOf(':');
    const userId = separator < 0 ? token : token.slice(0, separator);
    const projectId = (separator < 0 ? '' : token.slice(separator + 1)) || userId;
    if (!projectId || Math.max(userId.length, projectId.length) > MAX_ID_CHARACTERS) {
      throw new Problem(401, 'The request you have made requires authentication.');
    }
    res.locals.caller = { userId, projectId, isAdmin: true, isMember: true, isReader: true };
    next();
  };
}
