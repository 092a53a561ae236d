import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import { validated } from './body';
import { requireAdmin } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { requiredExtraSpec, requiredExtraSpecs } from './metadata-words';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject } from './schema-words';
import { EXTRA_SPECS, visibleExtraSpecs } from './views/volume-type-view';
import { findType } from './volume-types';

type Specs = CatalogReader & CatalogEdits;

/** What a type demands of a pool (Cinder api/contrib/types_extra_specs.py). */
export function extraSpecRoutes({ catalog }: { readonly catalog: Specs }): Route[] {
  const all = '/types/:id/extra_specs';
  const single = '/types/:id/extra_specs/:key';
  return [
    {
      method: 'get',
      path: all,
      contract: { gives: { 200: one('extra_specs', EXTRA_SPECS) } },
      handle: (call) => list(call, catalog),
    },
    {
      method: 'post',
      path: all,
      contract: { body: SPECS, gives: { 200: one('extra_specs', EXTRA_SPECS) } },
      handle: (call) => merge(call, catalog),
    },
    { method: 'get', path: single, contract: { gives: { 200: EXTRA_SPECS } }, handle: (call) => show(call, catalog) },
    {
      method: 'put',
      path: single,
      contract: { body: requiredExtraSpec, gives: { 200: EXTRA_SPECS } },
      handle: (call) => write(call, catalog),
    },
    { method: 'delete', path: single, contract: { gives: { 202: null } }, handle: (call) => remove(call, catalog) },
  ];
}

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  const type = await findType(call, catalog);
  return { status: 200, body: { extra_specs: visibleExtraSpecs(call.caller, type) } };
}

const SPECS = closedObject({ extra_specs: requiredExtraSpecs });

async function merge(call: Call, catalog: Specs): Promise<Reply> {
  const { extra_specs: set } = validated(SPECS, call.body);
  requireAdmin(call.caller, 'volume_extension:types_extra_specs:create');
  const { id } = await findType(call, catalog);
  await catalog.editExtraSpecs(id, { set });
  return { status: 200, body: { extra_specs: set } };
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const specs = visibleExtraSpecs(call.caller, await findType(call, catalog));
  const value = Object.hasOwn(specs, call.key) ? specs[call.key] : undefined;
  if (value === undefined) throw noSuchSpec(call);
  return { status: 200, body: Object.fromEntries([[call.key, value]]) };
}

async function write(call: Call, catalog: Specs): Promise<Reply> {
  const set = validated(requiredExtraSpec, call.body);
  requireAdmin(call.caller, 'volume_extension:types_extra_specs:update');
  const { id } = await findType(call, catalog);
  if (!Object.hasOwn(set, call.key)) throw badRequest('Request body and URI mismatch');
  await catalog.editExtraSpecs(id, { set });
  return { status: 200, body: set };
}

async function remove(call: Call, catalog: Specs): Promise<Reply> {
  requireAdmin(call.caller, 'volume_extension:types_extra_specs:delete');
  const { id, extraSpecs } = await findType(call, catalog);
  if (!Object.hasOwn(extraSpecs, call.key)) throw noSuchSpec(call);
  await catalog.editExtraSpecs(id, { remove: call.key });
  return { status: 202 };
}

function noSuchSpec({ id, key }: Call): Problem {
  return new Problem(404, `Volume Type ${id} has no extra specs with key ${key}.`);
}
