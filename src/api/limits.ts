import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import type { Call, Route } from './route';
import { absoluteLimitsView } from './views/quota-view';

const LIMITS = z.strictObject({ rate: z.array(ANYTHING), absolute: z.record(z.string(), z.int()) });

/** H-84: of the caller's project; from 3.39 on, an administrator may name another. */
export function limitRoutes({ catalog }: { readonly catalog: CatalogReader }): Route[] {
  return [
    {
      method: 'get',
      path: '/limits',
      contract: { query: ['project_id', 'tenant_id'], gives: { 200: one('limits', LIMITS) } },
      handle: (call) => show(call, catalog),
    },
  ];
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const projectId = projectOf(call);
  const [limits, usage] = await Promise.all([catalog.quotaLimits(projectId), catalog.quotaUsage(projectId)]);
  return { status: 200, body: { limits: { rate: [], absolute: absoluteLimitsView(limits, usage) } } };
}

function projectOf({ caller, version, query }: Call): string {
  const mayNameAnother = caller.isAdmin && version >= SINCE.limitsFilter;
  return (mayNameAnother && (query.get('project_id') ?? query.get('tenant_id'))) || caller.projectId;
}
