import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import { backendOf } from '../domain/pool';
import { isFresh } from '../domain/service-report';
import type { Service } from '../domain/service-report';
import { validated } from './body';
import { requireAdmin } from './caller';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import { badRequest, Problem, WEBOB_NOT_FOUND } from './problems';
import type { Call, Route } from './route';
import { openObject, optionalText } from './schema-words';
import { dateTime } from './views/date-time';

export interface ServiceParts {
  readonly catalog: CatalogReader;
  readonly reportMaxAgeMs: number;
}

const SERVICE = z.looseObject({ binary: z.string(), host: z.string(), state: z.enum(['up', 'down']) });
const CLEANING = z.strictObject({ cleaning: z.array(ANYTHING), unavailable: z.array(ANYTHING) });

/** H-82: who works, by the last reports. */
export function serviceRoutes(parts: ServiceParts): Route[] {
  return [
    {
      method: 'get',
      path: '/os-services',
      contract: { query: ['host', 'binary'], gives: { 200: one('services', z.array(SERVICE)) } },
      handle: (call) => list(call, parts),
    },
    {
      method: 'post',
      path: '/workers/cleanup',
      since: SINCE.cleanup,
      contract: { body: ANYTHING, gives: { 202: CLEANING } },
      handle: cleanUp,
    },
    {
      method: 'put',
      path: '/os-services/:id',
      contract: { body: CHANGE, gives: {} },
      handle: (call) => refuseChange(call, parts),
    },
  ];
}

async function list(call: Call, { catalog, reportMaxAgeMs }: ServiceParts): Promise<Reply> {
  const { query, version, caller } = call;
  requireAdmin(caller, 'volume_extension:services:index');
  const [services, now] = await Promise.all([catalog.listServices(), catalog.now()]);
  const [host, binary] = [query.get('host'), query.get('binary')];
  const wanted = services
    .filter((service) => host === undefined || isOf(service.host, host))
    .filter((service) => binary === undefined || service.binary === binary);
  const upBackends = version >= SINCE.backendState ? await backendsUp(catalog, now, reportMaxAgeMs) : null;
  const view = (service: Service): object => ({
    binary: service.binary,
    host: service.host,
    zone: service.availabilityZone,
    status: 'enabled',
    state: isFresh(service, now, reportMaxAgeMs) ? 'up' : 'down',
    updated_at: dateTime(service.reportedAt),
    ...(upBackends && service.binary === 'cinder-volume'
      ? { backend_state: upBackends.has(service.host) ? 'up' : 'down' }
      : {}),
    ...(version >= SINCE.clusters ? { cluster: null } : {}),
    disabled_reason: null,
    ...(service.binary === 'cinder-volume' ? BACKEND_EXTRAS : {}),
  });
  return { status: 200, body: { services: wanted.map(view) } };
}

/** Cinder's answer for a backend that is replicated nowhere. */
const BACKEND_EXTRAS = { replication_status: 'not-capable', active_backend_id: null, frozen: false };

/** A host's name finds its backends too (Cinder db/api.py, filter by host). */
function isOf(host: string, wanted: string): boolean {
  return host === wanted || host.startsWith(`${wanted}@`);
}

async function backendsUp(catalog: CatalogReader, now: Date, maxAgeMs: number): Promise<ReadonlySet<string>> {
  const pools = await catalog.listPools();
  return new Set(pools.filter((pool) => isFresh(pool, now, maxAgeMs)).map(({ name }) => backendOf(name)));
}

/** `cinder work-cleanup`: nothing of a worker that died has to be cleaned up by hand. */
async function cleanUp({ caller }: Call): Promise<Reply> {
  requireAdmin(caller, 'workers:cleanup');
  return { status: 202, body: { cleaning: [], unavailable: [] } };
}

/** By what Cinder calls it in the URL. The first three name one service, the next three a backend. */
const OF_SERVICES = ['enable', 'disable', 'disable-log-reason'];
const OF_BACKENDS = ['freeze', 'thaw', 'failover_host'];
const OF_LOGS = ['set-log', 'get-log'];

const CHANGE = openObject({
  host: optionalText(),
  binary: optionalText(),
  service: optionalText(),
});

/** Who shall not work is stopped, or left out of the configuration: there is no such switch here. */
async function refuseChange(call: Call, { catalog }: ServiceParts): Promise<Reply> {
  const { id, caller, version } = call;
  const knowsLogs = version >= SINCE.logLevels && OF_LOGS.includes(id);
  if (![...OF_SERVICES, ...OF_BACKENDS].includes(id) && !knowsLogs) throw new Problem(404, WEBOB_NOT_FOUND);
  const { host, binary, service } = validated(CHANGE, call.body);
  requireAdmin(caller, 'volume_extension:services:update');
  if (OF_SERVICES.includes(id)) {
    if (!binary && !service) throw badRequest('{} is not valid under any of the given schemas');
    await requireService(catalog, binary ?? service ?? '', host ?? '');
  }
  throw badRequest('Invalid input received: This service knows no such switch of its workers. Start and stop them.');
}

/** @throws Problem 404 in Cinder's words */
async function requireService(catalog: CatalogReader, binary: string, host: string): Promise<void> {
  const services = await catalog.listServices();
  if (services.some((service) => service.binary === binary && service.host === host)) return;
  throw new Problem(404, `Service ${binary} could not be found on host ${host}.`);
}
