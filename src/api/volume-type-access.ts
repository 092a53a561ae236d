import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { actionContract, actionOf } from './action';
import type { Actions } from './action';
import { validated } from './body';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject, requiredText } from './schema-words';
import { findType } from './volume-types';

interface AccessParts {
  readonly catalog: CatalogReader & CatalogEdits;
}

/** Which projects may use a private type: `cinder type-access-add` (Cinder api/contrib/volume_type_access.py). */
export function volumeTypeAccessRoutes(parts: AccessParts): Route[] {
  return [
    {
      method: 'get',
      path: '/types/:id/os-volume-type-access',
      contract: { gives: { 200: one('volume_type_access', z.array(ACCESS)) } },
      handle: (call) => list(call, parts.catalog),
    },
    {
      method: 'post',
      path: '/types/:id/action',
      contract: actionContract(ACTIONS, { bodies: BODIES, gives: { 202: null }, refuses: [409] }),
      handle: (call) => actionOf(call.body, ACTIONS)(call, parts),
    },
  ];
}

const ACCESS = z.strictObject({ volume_type_id: z.string(), project_id: z.string() });

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:volume_type_access:get_all_for_type');
  const { id, isPublic } = await findType(call, catalog);
  if (isPublic) throw new Problem(404, 'Access list not available for public volume types.');
  const projects = await catalog.projectsOfType(id);
  const access = projects.map((projectId) => ({ volume_type_id: id, project_id: projectId }));
  return { status: 200, body: { volume_type_access: access } };
}

const PROJECT = closedObject({ project: requiredText({ min: 1, max: 255 }) });
const ADDED = closedObject({ addProjectAccess: PROJECT });
const REMOVED = closedObject({ removeProjectAccess: PROJECT });
const BODIES = { addProjectAccess: ADDED, removeProjectAccess: REMOVED };

const ACTIONS: Actions<AccessParts> = {
  addProjectAccess: async ({ id, caller, body }, { catalog }) => {
    const { project: projectId } = validated(ADDED, body).addProjectAccess;
    requireAdmin(caller, 'volume_extension:volume_type_access:addProjectAccess');
    await catalog.openType({ volumeTypeId: id, projectId });
    return { status: 202 };
  },
  removeProjectAccess: async ({ id, caller, body }, { catalog }) => {
    const { project: projectId } = validated(REMOVED, body).removeProjectAccess;
    requireAdmin(caller, 'volume_extension:volume_type_access:removeProjectAccess');
    await catalog.closeType({ volumeTypeId: id, projectId });
    return { status: 202 };
  },
};
