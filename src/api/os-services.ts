import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import { backendOf } from '../domain/pool';
import { isFresh } from '../domain/service-report';
import type { Service } from '../domain/service-report';
import { requireAdmin } from './caller';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import type { Call, Route } from './route';
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
    status: service.isDisabled ? 'disabled' : 'enabled',
    state: isFresh(service, now, reportMaxAgeMs) ? 'up' : 'down',
    updated_at: dateTime(service.reportedAt),
    ...(upBackends && service.binary === 'cinder-volume'
      ? { backend_state: upBackends.has(service.host) ? 'up' : 'down' }
      : {}),
    ...(version >= SINCE.clusters ? { cluster: null } : {}),
    disabled_reason: service.disabledReason,
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
