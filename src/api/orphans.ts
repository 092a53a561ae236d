import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Orphan } from '../domain/orphan';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { Problem } from './problems';
import type { Call, Route } from './route';
import { dateTime } from './views/date-time';

const ORPHAN = z.strictObject({
  volume_id: z.string(),
  pool: z.string(),
  stored_bytes: z.int().min(0),
  reason: z.enum(['deleted', 'elsewhere', 'unknown', 'missing']),
  first_seen_at: z.string(),
  remove_at: z.string().nullable(),
});

/** Ours, not Cinder's: data on pools that no volume accounts for, and volumes whose data is missing, for administrators. */
export function orphanRoutes({ catalog }: { readonly catalog: CatalogReader & CatalogEdits }): Route[] {
  return [
    {
      method: 'get',
      path: '/rekindle-orphans',
      contract: { gives: { 200: one('orphans', z.array(ORPHAN)) } },
      handle: (call) => list(call, catalog),
    },
    {
      method: 'delete',
      path: '/rekindle-orphans/:id',
      contract: { gives: { 202: null } },
      handle: (call) => remove(call, catalog),
    },
  ];
}

async function list({ caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, 'rekindle:orphans');
  return { status: 200, body: { orphans: (await catalog.listOrphans()).map(view) } };
}

/** By the volume's id. Its worker removes the data at its next look, unless a volume accounts for it by then. */
async function remove({ id, caller }: Call, catalog: CatalogEdits): Promise<Reply> {
  requireAdmin(caller, 'rekindle:orphans');
  if (await catalog.removeOrphan(id)) return { status: 202 };
  throw new Problem(404, `No orphan of volume ${id} could be found.`);
}

function view({ volumeId, poolName, storedBytes, reason, firstSeenAt, removeAt }: Orphan): object {
  return {
    volume_id: volumeId,
    pool: poolName,
    stored_bytes: storedBytes,
    reason,
    first_seen_at: dateTime(firstSeenAt),
    remove_at: removeAt && dateTime(removeAt),
  };
}
