import { z } from 'zod';
import { UNAUTHORIZED } from './keystone/authenticator';
import { MAX_VERSION, VERSION_HEADER } from './microversions';
import { faultSchema } from './problems';
import { hasBody } from './route';
import type { Route } from './route';
import type { ApiSettings } from './settings';

/**
 * The OpenAPI 3.1 document of these routes, made of the schemas that validate their bodies and of those of their answers: it
 * can't say anything else than what the API does. Of bodies it shows the form of the newest microversion; what a schema
 * refuses beyond its form (lengths in code points, one of two fields) is said by the refusal.
 */
export function openApiDocument(routes: readonly Route[], auth: ApiSettings['auth']['type']): object {
  const isNoauth = auth === 'noauth';
  const ofAuth = isNoauth ? { 204: reference('responses', 'NoToken') } : {};
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rekindle: OpenStack Block Storage API v3',
      version: `3.${MAX_VERSION}`,
      description: 'Bodies are those of the newest microversion; without a header the oldest is spoken.',
    },
    servers: [
      { url: '/v3', description: 'The project is the token’s.' },
      { url: '/v3/{project_id}', variables: { project_id: { default: 'admin' } } },
    ],
    security: [{ token: [] }],
    paths: pathsOf(routes, ofAuth),
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      parameters: { version: VERSION, id: inPath('id'), key: inPath('key') },
      responses: {
        ...faultResponses(),
        ...(isNoauth ? { NoToken: NO_TOKEN } : { Fault401: response('No valid token.', UNAUTHORIZED) }),
      },
    },
  };
}

const VERSIONS = Array.from({ length: MAX_VERSION + 1 }, (_, minor) => `volume 3.${minor}`);
const VERSION = {
  name: VERSION_HEADER,
  in: 'header',
  schema: { type: 'string', enum: [...VERSIONS, 'volume latest'], default: VERSIONS[0] },
};

/** Any call may be malformed, unauthenticated, forbidden, about what isn't there, too new, or unlucky. */
const OF_ALL = [400, 401, 403, 404, 406, 503];
/** Too large, or not JSON. */
const OF_BODIES = [413, 415];
const STATUSES_OF_REFUSALS = [...OF_ALL, 409, ...OF_BODIES];

/** H-23. */
const NO_TOKEN = {
  description: 'To who brings no token, where nobody’s is checked: which one to bring.',
  headers: { 'X-Auth-Token': { schema: { type: 'string' } } },
};

function pathsOf(routes: readonly Route[], ofAuth: object): object {
  const paths = new Map<string, Record<string, object>>();
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths.set(path, { ...paths.get(path), [route.method]: operationOf(route, ofAuth) });
  }
  return Object.fromEntries(paths);
}

function operationOf(route: Route, ofAuth: object): object {
  const { body, query = [], headers = [] } = route.contract;
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => reference('parameters', name));
  return {
    ...(route.since === undefined ? {} : { description: `Since microversion 3.${route.since}.` }),
    parameters: [reference('parameters', 'version'), ...inPath, ...query.map(inQuery), ...headers.map(inHeader)],
    ...(body && hasBody(route) ? { requestBody: { required: true, content: json(bodySchema(body)) } } : {}),
    responses: { ...ofAuth, ...responsesOf(route) },
  };
}

function inPath(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string', minLength: 1 } };
}

const COUNT = { type: 'integer', minimum: 0, maximum: 2_147_483_647 };
/** More words than these are understood. */
const FLAG = { type: 'boolean' };
/** Those that are no texts. */
const QUERY_SCHEMAS: Readonly<Record<string, object>> = {
  ...{ limit: COUNT, offset: COUNT, sort_dir: { type: 'string', enum: ['asc', 'desc'] } },
  ...{ with_count: FLAG, all_tenants: FLAG, usage: FLAG, detail: FLAG, cascade: FLAG, force: FLAG, is_public: FLAG },
};

function inQuery(name: string): object {
  return { name, in: 'query', schema: QUERY_SCHEMAS[name] ?? { type: 'string' } };
}

/** What they mean, and what they may be. */
const HEADERS = {
  'If-Match': {
    description: 'Tags of the content that may be overwritten, as `Etag` gives them; since microversion 3.15.',
    schema: { type: 'string' },
  },
  'Idempotency-Key': {
    description: 'The same key and body make one volume, however often they are sent.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]([ -~]*[!-~])?$' },
  },
};

function inHeader(name: keyof typeof HEADERS): object {
  return { name, in: 'header', ...HEADERS[name] };
}

function responsesOf(route: Route): object {
  const { gives, refuses = [] } = route.contract;
  const refusals = [...OF_ALL, ...(hasBody(route) ? OF_BODIES : []), ...refuses];
  return Object.fromEntries([
    ...Object.entries(gives).map(([status, view]) => [status, response('Done, or accepted.', view)] as const),
    ...refusals.map((status) => [String(status), reference('responses', faultName(status))] as const),
  ]);
}

function faultName(status: number): string {
  return `Fault${status}`;
}

function faultResponses(): object {
  const refused = (status: number): object => response('Refused, in words for the user.', faultSchema(status));
  return Object.fromEntries(STATUSES_OF_REFUSALS.map((status) => [faultName(status), refused(status)]));
}

function response(description: string, view: z.ZodType | null): object {
  return view === null ? { description } : { description, content: json(jsonSchema(view, 'output')) };
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}

function bodySchema(body: z.ZodType): object {
  return jsonSchema(body, 'input');
}

/** What zod can't put into JSON Schema (a transformation of anything) stands there as anything. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  return { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }), $schema: undefined };
}

function reference(kind: 'parameters' | 'responses', name: string): object {
  return { $ref: `#/components/${kind}/${name}` };
}
