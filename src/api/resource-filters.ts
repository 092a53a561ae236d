import { z } from 'zod';
import { one } from './contract';
import type { Contract } from './contract';
import { SINCE } from './microversions';
import type { Route } from './route';

/** Cinder's etc/cinder/resource_filters.json: what each list may be filtered by (H-54). */
const RESOURCE_FILTERS = {
  volume: [
    ...['name', 'status', 'metadata', 'bootable', 'migration_status', 'availability_zone', 'group_id', 'size'],
    ...['created_at', 'updated_at', 'consumes_quota'],
  ],
  backup: ['name', 'status', 'volume_id'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  group: ['name'],
  group_snapshot: ['name', 'status', 'group_id'],
  attachment: ['volume_id', 'status', 'instance_id', 'attach_status'],
  message: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'],
  pool: ['name', 'volume_type'],
  volume_type: ['is_public', 'extra_specs'],
} as const satisfies Record<string, readonly string[]>;

const LISTED = z.array(z.strictObject({ resource: z.string(), filters: z.array(z.string()) }));
const CONTRACT: Contract = { query: ['resource'], gives: { 200: one('resource_filters', LISTED) } };

/** `cinder list-filters`. A resource that nobody knows has no filters (Cinder api/common.py, get_enabled_resource_filters). */
export function resourceFilterRoutes(): Route[] {
  const handle: Route['handle'] = async ({ query }) => {
    const wanted = query.get('resource');
    const filters = Object.entries(RESOURCE_FILTERS).filter(([resource]) => !wanted || resource === wanted);
    const listed = filters.map(([resource, names]) => ({ resource, filters: names }));
    return { status: 200, body: { resource_filters: listed } };
  };
  return [{ method: 'get', path: '/resource_filters', since: SINCE.resourceFilters, contract: CONTRACT, handle }];
}
