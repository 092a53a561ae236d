import type { CatalogReader } from '../catalog/catalog';
import { findVisibleBackup } from './backups';
import { forbidden } from './caller';
import { policyOf } from './policies';
import { notFound } from './problems';
import type { Call, Route } from './route';
import { findVisibleVolume } from './volumes';

/**
 * Refuses what the caller's role does not allow (H-28): by a 404 where he couldn't see the resource anyway, so that he learns nothing of
 * other projects, by a 403 otherwise. Routes are closed unless a role opens them: no route has to think of it.
 */
export function authorization(catalog: CatalogReader): (route: Route, call: Call) => Promise<void> {
  return async (route, call) => {
    const { rule, least } = policyOf(route, call);
    if (call.caller[least]) return;
    await refuseUnseen(route, call, catalog);
    throw forbidden(rule);
  };
}

/** @throws Problem 404 */
async function refuseUnseen({ path }: Route, call: Call, catalog: CatalogReader): Promise<void> {
  if (path.startsWith('/backups/:id')) await findVisibleBackup(call, catalog);
  if (!path.startsWith('/volumes/:id')) return;
  const { id } = await findVisibleVolume(call, catalog);
  // Cinder volume/api.py, get: to whom may not even look at his own project's volumes there are none.
  if (!call.caller.isReader) throw notFound('Volume', id);
}
