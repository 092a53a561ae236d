import { z } from 'zod';
import type { CatalogEdits, CatalogReader, DefaultType } from '../catalog/catalog';
import { validated } from './body';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { SINCE } from './microversions';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject, requiredText } from './schema-words';

/** The type that a project's volumes get when they name none (S-9; Cinder api/v3/default_types.py). The `:id` is a project's. */
export function defaultTypeRoutes({ catalog }: { readonly catalog: CatalogReader & CatalogEdits }): Route[] {
  const since = SINCE.defaultTypes;
  const ofProject = '/default-types/:id';
  return [
    {
      method: 'get',
      path: '/default-types',
      since,
      contract: { gives: { 200: one('default_types', z.array(DEFAULT_TYPE)) } },
      handle: (call) => list(call, catalog),
    },
    {
      method: 'get',
      path: ofProject,
      since,
      contract: { gives: { 200: one('default_type', DEFAULT_TYPE) } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'put',
      path: ofProject,
      since,
      contract: { body: WRITE, gives: { 200: one('default_type', DEFAULT_TYPE) } },
      handle: (call) => write(call, catalog),
    },
    {
      method: 'delete',
      path: ofProject,
      since,
      contract: { gives: { 204: null } },
      handle: (call) => remove(call, catalog),
    },
  ];
}

async function list({ caller }: Call, catalog: CatalogReader): Promise<Reply> {
  if (!caller.isAdmin) throw new Problem(403, 'You are not authorized to perform this operation.');
  return { status: 200, body: { default_types: (await catalog.listDefaultTypes()).map(view) } };
}

async function show({ id, caller }: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(caller, 'volume_extension:default_get');
  const [own] = await catalog.listDefaultTypes(id);
  if (!own) throw new Problem(404, `Default type for project ${id} not found.`);
  return { status: 200, body: { default_type: view(own) } };
}

const DEFAULT_TYPE = z.strictObject({ project_id: z.string(), volume_type_id: z.string() });
const WRITE = closedObject({ default_type: closedObject({ volume_type: requiredText({ max: 255 }) }) });

async function write({ id, caller, body }: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const { volume_type: nameOrId } = validated(WRITE, body).default_type;
  requireAdmin(caller, 'volume_extension:default_set_or_update');
  const type = await catalog.findVolumeType(nameOrId);
  if (!type) throw badRequest(`Volume type ${nameOrId} could not be found.`);
  await catalog.setDefaultType(id, type.id);
  return { status: 200, body: { default_type: view({ projectId: id, volumeTypeId: type.id }) } };
}

async function remove({ id, caller }: Call, catalog: CatalogEdits): Promise<Reply> {
  requireAdmin(caller, 'volume_extension:default_unset');
  await catalog.unsetDefaultType(id);
  return { status: 204 };
}

function view({ projectId, volumeTypeId }: DefaultType): object {
  return { project_id: projectId, volume_type_id: volumeTypeId };
}
