import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import { unmetDemand } from '../domain/extra-specs';
import { backendOf } from '../domain/pool';
import type { Pool } from '../domain/pool';
import { isFresh } from '../domain/service-report';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import type { ServiceParts } from './os-services';
import { notFound, Problem } from './problems';
import { booleanParameter } from './query';
import type { Call, Route } from './route';
import { backendView, poolView } from './views/pool-view';

const POOLS = z.array(z.strictObject({ name: z.string(), capabilities: z.looseObject({}).optional() }));
const CAPABILITIES = z.looseObject({ namespace: z.string(), pool_name: z.string(), properties: z.looseObject({}) });

/** H-83, and what a backend can (`cinder get-capabilities`). */
export function poolRoutes(parts: ServiceParts): Route[] {
  return [
    {
      method: 'get',
      path: '/scheduler-stats/get_pools',
      contract: { query: ['detail', 'name', 'volume_type'], gives: { 200: one('pools', POOLS) } },
      handle: (call) => list(call, parts),
    },
    {
      method: 'get',
      path: '/capabilities/:id',
      contract: { gives: { 200: CAPABILITIES } },
      handle: (call) => showCapabilities(call, parts.catalog),
    },
  ];
}

/** Those that somebody serves, on backends that are enabled: the others can take no volume. */
async function list(call: Call, { catalog, reportMaxAgeMs }: ServiceParts): Promise<Reply> {
  requireAdmin(call.caller, 'scheduler_extension:scheduler_stats:get_pools');
  const detail = booleanParameter(call.query, 'detail');
  const [pools, now] = await Promise.all([catalog.listPools(), catalog.now()]);
  const served = pools.filter((pool) => isFresh(pool, now, reportMaxAgeMs) && !pool.isDisabled);
  const isWanted = await filterOf(call, catalog);
  const view = detail ? poolView : ({ name }: Pool) => ({ name });
  return { status: 200, body: { pools: served.filter(isWanted).map(view) } };
}

/** By name from 3.28 on, by volume type from 3.35 on; older versions overlook both (H-54). */
async function filterOf({ query, version }: Call, catalog: CatalogReader): Promise<(pool: Pool) => boolean> {
  const name = version >= SINCE.poolFilter ? query.get('name') : undefined;
  const typeName = version >= SINCE.poolTypeFilter ? query.get('volume_type') : undefined;
  const type = typeName === undefined ? null : await catalog.findVolumeType(typeName);
  if (typeName !== undefined && !type) throw notFound('Volume type', typeName);
  return (pool) =>
    (name === undefined || pool.name === name) &&
    (type === null || unmetDemand(type.extraSpecs, pool.capabilities) === null);
}

/** Of a backend (`host@backend`), or of one of its pools. */
async function showCapabilities({ id, caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, 'volume_extension:capabilities');
  const pools = await catalog.listPools();
  const pool = pools.find(({ name }) => name === id || backendOf(name) === id);
  if (!pool) throw new Problem(404, `Can't find service: ${id}`);
  return { status: 200, body: backendView(pool) };
}
