import { SINCE } from './microversions';
import type { Route } from './route';

/** There are none, and clients ask all the same (H-89). */
export function attachmentRoutes(): Route[] {
  const list = async () => ({ status: 200, body: { attachments: [] } });
  return [
    { method: 'get', path: '/attachments', since: SINCE.attachments, handle: list },
    { method: 'get', path: '/attachments/detail', since: SINCE.attachments, handle: list },
  ];
}
