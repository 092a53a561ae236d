import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { VolumeType } from '../domain/volume-type';
import { actionContract, actionOf } from './action';
import type { Actions } from './action';
import { validated } from './body';
import { requireAdmin } from './caller';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import { requiredMetadata } from './metadata-words';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject, optionalText, requiredBoolean, requiredText } from './schema-words';
import { LISTED_VOLUME_TYPE, listedVolumeTypeView, VOLUME_TYPE, volumeTypeView } from './views/volume-type-view';
import { findType } from './volume-types';

interface VolumeTypeParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly defaultVolumeType: string;
}

/** An administrator's types (Cinder api/contrib/types_manage.py, volume_type_access.py). */
export function volumeTypeEditRoutes(parts: VolumeTypeParts): Route[] {
  const { catalog } = parts;
  return [
    {
      method: 'post',
      path: '/types',
      contract: { body: CREATE, gives: { 200: one('volume_type', LISTED_VOLUME_TYPE) }, refuses: [409] },
      handle: (call) => create(call, catalog),
    },
    {
      method: 'put',
      path: '/types/:id',
      contract: { body: UPDATE, gives: { 200: one('volume_type', VOLUME_TYPE) }, refuses: [409] },
      handle: (call) => update(call, catalog),
    },
    { method: 'delete', path: '/types/:id', contract: { gives: { 202: null } }, handle: (call) => remove(call, parts) },
    {
      method: 'get',
      path: '/types/:id/os-volume-type-access',
      contract: { gives: { 200: one('volume_type_access', z.array(ANYTHING)) } },
      handle: (call) => listAccess(call, catalog),
    },
    {
      method: 'post',
      path: '/types/:id/action',
      contract: actionContract(ACTIONS, { bodies: {}, gives: {} }),
      handle: (call) => actionOf(call.body, ACTIONS)(call, parts),
    },
    {
      method: 'get',
      path: '/types/:id/encryption',
      contract: { gives: { 200: z.strictObject({}) } },
      handle: (call) => showEncryption(call, catalog),
    },
    {
      method: 'post',
      path: '/types/:id/encryption',
      contract: { body: ANYTHING, gives: {} },
      handle: (call) => refuseEncryption(call, catalog),
    },
  ];
}

const CREATE = closedObject({
  volume_type: closedObject({
    name: requiredText({ min: 1, max: 255 }),
    description: optionalText(),
    extra_specs: requiredMetadata.optional(),
    'os-volume-type-access:is_public': requiredBoolean.optional(),
  }),
});

async function create({ caller, body }: Call, catalog: CatalogEdits): Promise<Reply> {
  const { volume_type: asked } = validated(CREATE, body);
  requireAdmin(caller, 'volume_extension:type_create');
  const type = await catalog.createVolumeType({
    name: requireName(asked.name, "An invalid 'name' value was provided. The 'name' can not be empty."),
    description: asked.description ?? null,
    isPublic: asked['os-volume-type-access:is_public'] ?? true,
    extraSpecs: asked.extra_specs ?? {},
  });
  return { status: 200, body: { volume_type: listedVolumeTypeView(caller, type) } };
}

const UPDATE = closedObject({
  volume_type: closedObject({
    name: optionalText({ min: 1 }),
    description: optionalText(),
    is_public: requiredBoolean.optional(),
  }),
});

async function update({ id, caller, body }: Call, catalog: CatalogEdits): Promise<Reply> {
  const { name, description, is_public: isPublic } = validated(UPDATE, body).volume_type;
  requireAdmin(caller, 'volume_extension:type_update');
  const edit = {
    ...(typeof name === 'string' ? { name: requireName(name, 'Volume type name can not be empty.') } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(isPublic === undefined ? {} : { isPublic }),
  };
  if (Object.keys(edit).length === 0) {
    throw badRequest('Specify volume type name, description, is_public or a combination thereof.');
  }
  return { status: 200, body: { volume_type: volumeTypeView(caller, await catalog.editVolumeType(id, edit)) } };
}

function requireName(name: string, refusal: string): string {
  if (name.trim() === '') throw badRequest(refusal);
  return name;
}

/** The default type stays (H-80): volumes are made of it that name none. */
async function remove(call: Call, { catalog, defaultVolumeType }: VolumeTypeParts): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:type_delete');
  const { id, name } = await findType(call, catalog);
  if (name === defaultVolumeType) {
    throw badRequest(`The volume type ${id} is a default volume type and cannot be deleted.`);
  }
  await catalog.deleteVolumeType(id);
  return { status: 202 };
}

async function listAccess(call: Call, catalog: CatalogReader): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:volume_type_access:get_all_for_type');
  const { isPublic }: VolumeType = await findType(call, catalog);
  if (isPublic) throw new Problem(404, 'Access list not available for public volume types.');
  return { status: 200, body: { volume_type_access: [] } };
}

/** A private type is for administrators; there are no lists of projects that may use it. */
const ACTIONS: Actions<VolumeTypeParts> = {
  addProjectAccess: refuseAccess,
  removeProjectAccess: refuseAccess,
};

async function refuseAccess(call: Call, { catalog }: VolumeTypeParts): Promise<never> {
  requireAdmin(call.caller, 'volume_extension:volume_type_access');
  await findType(call, catalog);
  throw badRequest('Invalid input received: This service gives no projects access to private volume types.');
}

async function showEncryption(call: Call, catalog: CatalogReader): Promise<Reply> {
  await findType(call, catalog);
  return { status: 200, body: {} };
}

async function refuseEncryption(call: Call, catalog: CatalogReader): Promise<never> {
  await findType(call, catalog);
  throw badRequest('Invalid input received: This service knows no encrypted volume types.');
}
