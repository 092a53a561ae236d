import { notFound } from './problems';
import type { Route } from './route';

/** There are none, and clients ask all the same (H-89). */
export function snapshotRoutes(): Route[] {
  const list = async () => ({ status: 200, body: { snapshots: [] } });
  return [
    { method: 'get', path: '/snapshots', handle: list },
    { method: 'get', path: '/snapshots/detail', handle: list },
    { method: 'get', path: '/snapshots/:id', handle: async ({ id }) => Promise.reject(notFound('Snapshot', id)) },
  ];
}
