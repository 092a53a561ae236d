import type { CatalogReader } from '../catalog/catalog';
import { validated } from './body';
import type { Reply } from './exchange';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { openObject, optionalObject } from './schema-words';
import { retryVolume } from './volume-retry';
import type { VolumeWorkflows } from './volume-workflows';
import { findVisibleVolume } from './volumes';

interface ActionParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
}

type Action = (call: Call, parts: ActionParts) => Promise<Reply>;

/** H-60 to H-63: those of Cinder's actions that there are, and ours. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'os-show_image_metadata': showImageMetadata,
  'rekindle-retry': retryVolume,
};

export function volumeActionRoutes(parts: ActionParts): Route[] {
  return [{ method: 'post', path: '/volumes/:id/action', handle: (call) => actionOf(call.body)(call, parts) }];
}

/** H-6: one key, the action's name. */
function actionOf(body: unknown): Action {
  const [name, ...others] = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  if (name === undefined || others.length > 0) throw badRequest('Malformed request body');
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action) return action;
  throw badRequest(`There is no such action: ${name}. Verify the request body and Content-Type header and try again.`);
}

/** H-62. */
async function showImageMetadata(call: Call, { catalog }: ActionParts): Promise<Reply> {
  validated(openObject({ 'os-show_image_metadata': optionalObject }), call.body);
  const { id, imageMetadata } = await findVisibleVolume(call, catalog);
  if (Object.keys(imageMetadata).length > 0) return { status: 200, body: { metadata: imageMetadata } };
  throw new Problem(404, `Glance metadata for volume/snapshot ${id} cannot be found.`);
}
