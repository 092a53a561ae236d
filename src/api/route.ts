import express from 'express';
import type { Request, Router } from 'express';
import type { Logger } from 'pino';
import { readJson } from './body';
import type { Caller } from './caller';
import type { Contract } from './contract';
import { headerOf, send } from './exchange';
import type { ExchangeHandler, ExchangeResponse, Reply } from './exchange';
import { baseUrlOf } from './links';
import type { Place } from './links';
import { negotiate, VERSION_HEADER } from './microversions';
import type { Microversion } from './microversions';
import { badRequest, Problem, WEBOB_BAD_REQUEST, WEBOB_NOT_FOUND } from './problems';
import { MAX_BODY_BYTES } from './settings';
import type { ApiSettings } from './settings';
import { isStorable } from './storable';

/** One request of a caller, in the API's own words: all that a route needs to know. */
export interface Call {
  readonly caller: Caller;
  readonly version: Microversion;
  readonly requestId: string;
  readonly log: Logger;
  /** The `:id` of the path. */
  readonly id: string;
  /** The `:key` of the path, of routes that have one. */
  readonly key: string;
  /** Of a repeated parameter the last one, as in webob. */
  readonly query: ReadonlyMap<string, string>;
  /** Parsed JSON of a POST or PUT; not yet validated. */
  readonly body: unknown;
  /** `If-Match`: the tags of the content that the caller knows; null if he doesn't care. */
  readonly ifMatch: readonly string[] | null;
  /** `Idempotency-Key`, as it came. */
  readonly idempotencyKey: string | null;
  readonly place: Place;
}

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  /** The microversion that brought it; below, it doesn't exist (H-5). */
  readonly since?: Microversion;
  readonly contract: Contract;
  readonly handle: (call: Call) => Promise<Reply>;
}

interface RouterParts {
  readonly settings: ApiSettings;
  /** @throws Problem 404 or 403 if the caller may not do what he asks for */
  readonly authorize: (route: Route, call: Call) => Promise<void>;
}

/** The routes of all resources, to be mounted below `/v3` and below `/v3/<project>` (H-2). A slash at the end leads nowhere (H-4). */
export function routerOf(routes: readonly Route[], parts: RouterParts): Router {
  const router = express.Router({ caseSensitive: true, mergeParams: true, strict: true });
  const readBody = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });
  for (const route of routes) {
    const handler = serve(route, parts);
    if (hasBody(route)) router[route.method](route.path, readBody, handler);
    else router[route.method](route.path, handler);
  }
  return router;
}

/** The order of the checks is Cinder's (api/openstack/wsgi.py, Resource): version, body, project, method, handler. */
function serve(route: Route, { settings, authorize }: RouterParts): ExchangeHandler {
  return async (req, res) => {
    res.setHeader('Vary', VERSION_HEADER);
    const version = negotiate(headerOf(req, VERSION_HEADER), (answered) => {
      res.setHeader(VERSION_HEADER, `volume ${answered}`);
    });
    const body = hasBody(route) ? readJson(req) : undefined;
    const caller = callerOf(res);
    const projectInUrl = paramOf(req, 'project');
    if (projectInUrl !== null && projectInUrl !== caller.projectId) throw badRequest('Malformed request url'); // H-3
    if (route.since !== undefined && version < route.since) throw new Problem(404, WEBOB_NOT_FOUND);
    const { requestId, log } = res.locals;
    const place = { baseUrl: baseUrlOf(req, settings), projectInUrl };
    const [id, key] = [paramOf(req, 'id') ?? '', paramOf(req, 'key') ?? ''];
    const [query, ifMatch, idempotencyKey] = [queryOf(req), etagsOf(req), headerOf(req, 'Idempotency-Key') ?? null];
    const asked = { id, key, query, body, ifMatch, idempotencyKey };
    const call = { caller, version, requestId, log, place, ...asked };
    await authorize(route, call);
    send(res, await route.handle(call));
  };
}

/** Cinder reads a body where there must be one; a GET's or DELETE's is nobody's business. */
export function hasBody({ method }: Route): boolean {
  return method === 'post' || method === 'put';
}

function callerOf(res: ExchangeResponse): Caller {
  if (!res.locals.caller) throw new Error('No authenticator ran before the routes');
  return res.locals.caller;
}

function paramOf(req: Request, name: 'project' | 'id' | 'key'): string | null {
  const value = req.params[name];
  return typeof value === 'string' ? value : null;
}

/** Express's own parser makes lists of repeated parameters. What can't stand in the catalog is refused here, once. */
function queryOf(req: Request): ReadonlyMap<string, string> {
  const begin = req.originalUrl.indexOf('?');
  const pairs = begin < 0 ? [] : [...new URLSearchParams(req.originalUrl.slice(begin))];
  if (!pairs.flat().every(isStorable)) throw badRequest(WEBOB_BAD_REQUEST);
  return new Map(pairs);
}

/** RFC 9110: a comma list of quoted tags; Cinder's own clients send them bare. */
function etagsOf(req: Request): readonly string[] | null {
  const header = headerOf(req, 'If-Match');
  return header === undefined ? null : header.split(',').map((tag) => tag.trim().replace(/^(W\/)?"(.*)"$/, '$2'));
}
