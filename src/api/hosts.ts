import { z } from 'zod';
import type { CatalogReader, ProjectUse } from '../catalog/catalog';
import { isFresh } from '../domain/service-report';
import { requireAdmin } from './caller';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import type { ServiceParts } from './os-services';
import { badRequest, notFound } from './problems';
import type { Call, Route } from './route';
import { dateTime } from './views/date-time';

const RULE = 'volume_extension:hosts';

const HOST = z.looseObject({ host_name: z.string(), service: z.string(), zone: z.string() });
const USE = z.looseObject({ host: z.string(), project: z.string(), volume_count: z.string() });

/** `os-hosts`: the services once more, and what volumes take on each backend (Cinder api/contrib/hosts.py). */
export function hostRoutes(parts: ServiceParts): Route[] {
  return [
    {
      method: 'get',
      path: '/os-hosts',
      contract: { query: ['zone'], gives: { 200: one('hosts', z.array(HOST)) } },
      handle: (call) => list(call, parts),
    },
    {
      method: 'get',
      path: '/os-hosts/:id',
      contract: { gives: { 200: one('host', z.array(z.strictObject({ resource: USE }))) } },
      handle: (call) => show(call, parts.catalog),
    },
    {
      method: 'put',
      path: '/os-hosts/:id',
      contract: { body: ANYTHING, gives: {} },
      handle: (call) => refuseChange(call, parts.catalog),
    },
  ];
}

async function list({ caller, query }: Call, { catalog, reportMaxAgeMs }: ServiceParts): Promise<Reply> {
  requireAdmin(caller, RULE);
  const [services, now] = await Promise.all([catalog.listServices(), catalog.now()]);
  const zone = query.get('zone');
  const hosts = services
    .filter((service) => !zone || service.availabilityZone === zone)
    .map((service) => ({
      host_name: service.host,
      service: service.binary,
      zone: service.availabilityZone,
      'service-status': isFresh(service, now, reportMaxAgeMs) ? 'available' : 'unavailable',
      'service-state': service.isDisabled ? 'disabled' : 'enabled',
      'last-update': dateTime(service.reportedAt),
    }));
  return { status: 200, body: { hosts } };
}

async function show({ id, caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, RULE);
  await requireBackend(catalog, id);
  const uses = await catalog.useOfBackend(id);
  const total: ProjectUse = {
    projectId: '(total)',
    volumes: uses.reduce((sum, { volumes }) => sum + volumes, 0),
    sizeGib: uses.reduce((sum, { sizeGib }) => sum + sizeGib, 0),
  };
  return { status: 200, body: { host: [total, ...uses].map((use) => ({ resource: resourceView(id, use) })) } };
}

/** Numbers are texts here, as in Cinder. */
function resourceView(host: string, { projectId, volumes, sizeGib }: ProjectUse): object {
  return {
    host,
    project: projectId,
    volume_count: String(volumes),
    total_volume_gb: String(sizeGib),
    snapshot_count: '0',
    total_snapshot_gb: '0',
  };
}

async function refuseChange({ id, caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, RULE);
  await requireBackend(catalog, id);
  throw badRequest('Invalid input received: Hosts are not switched here; disable the service.');
}

async function requireBackend(catalog: CatalogReader, id: string): Promise<void> {
  const services = await catalog.listServices();
  if (!services.some(({ binary, host }) => binary === 'cinder-volume' && host === id)) throw notFound('Host', id);
}
