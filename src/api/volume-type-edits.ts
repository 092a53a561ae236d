import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { validated } from './body';
import { requireAdmin } from './caller';
import { ANYTHING, one } from './contract';
import type { Reply } from './exchange';
import { requiredMetadata } from './metadata-words';
import { badRequest } from './problems';
import type { Call, Route } from './route';
import { closedObject, optionalText, requiredBoolean, requiredText } from './schema-words';
import {
  CREATED_VOLUME_TYPE,
  createdVolumeTypeView,
  WRITTEN_VOLUME_TYPE,
  writtenVolumeTypeView,
} from './views/volume-type-view';

import { findType } from './volume-types';

interface VolumeTypeParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly defaultVolumeType: string;
}

/** An administrator's types (Cinder api/contrib/types_manage.py). */
export function volumeTypeEditRoutes(parts: VolumeTypeParts): Route[] {
  const { catalog } = parts;
  return [
    {
      method: 'post',
      path: '/types',
      contract: { body: CREATE, gives: { 200: one('volume_type', CREATED_VOLUME_TYPE) }, refuses: [409] },
      handle: (call) => create(call, catalog),
    },
    {
      method: 'put',
      path: '/types/:id',
      contract: { body: UPDATE, gives: { 200: one('volume_type', WRITTEN_VOLUME_TYPE) }, refuses: [409] },
      handle: (call) => update(call, catalog),
    },
    { method: 'delete', path: '/types/:id', contract: { gives: { 202: null } }, handle: (call) => remove(call, parts) },
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
  return { status: 200, body: { volume_type: createdVolumeTypeView(caller, type) } };
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
  const type = await catalog.editVolumeType(id, edit);
  return { status: 200, body: { volume_type: writtenVolumeTypeView(caller, type) } };
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

async function showEncryption(call: Call, catalog: CatalogReader): Promise<Reply> {
  await findType(call, catalog);
  return { status: 200, body: {} };
}

async function refuseEncryption(call: Call, catalog: CatalogReader): Promise<never> {
  await findType(call, catalog);
  throw badRequest('Invalid input received: This service knows no encrypted volume types.');
}
