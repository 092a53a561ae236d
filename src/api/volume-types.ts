import type { CatalogReader } from '../catalog/catalog';
import { volumeTypeNotFound } from '../domain/acceptance';
import type { VolumeType } from '../domain/volume-type';
import type { Caller } from './caller';
import { listing, many, one } from './contract';
import type { Contract } from './contract';
import type { Reply } from './exchange';
import { listReply, pageOf, readPaging } from './listing';
import { badRequest, notFound } from './problems';
import { parseBoolean } from './python-words';
import type { Call, Route } from './route';
import { EXTENDED_VOLUME_TYPE, extendedVolumeTypeView, VOLUME_TYPE, volumeTypeView } from './views/volume-type-view';

interface VolumeTypeParts {
  readonly catalog: CatalogReader;
  readonly defaultVolumeType: string;
}

const SHOWN: Contract = { gives: { 200: one('volume_type', EXTENDED_VOLUME_TYPE) } };
const DEFAULT: Contract = { gives: { 200: one('volume_type', VOLUME_TYPE) } };

/** H-80: to be looked at. */
export function volumeTypeRoutes({ catalog, defaultVolumeType }: VolumeTypeParts): Route[] {
  return [
    {
      method: 'get',
      path: '/types',
      contract: listing(many('volume_types', EXTENDED_VOLUME_TYPE, 'volume_type_links'), ['is_public']),
      handle: (call) => list(call, catalog),
    },
    {
      method: 'get',
      path: '/types/default',
      contract: DEFAULT,
      handle: (call) => showDefault(call, catalog, defaultVolumeType),
    },
    { method: 'get', path: '/types/:id', contract: SHOWN, handle: (call) => show(call, catalog) },
  ];
}

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  const paging = readPaging(call);
  const isWanted = visibilityFilter(call, await catalog.typesOpenTo(call.caller.projectId));
  const types = (await catalog.listVolumeTypes()).filter(isWanted);
  const listed = pageOf(types, paging);
  if (!listed) throw notFound('Volume type', paging.marker ?? '');
  return listReply(call, listed, {
    name: 'volume_types',
    linksName: 'volume_type_links',
    collection: 'types',
    view: (type) => extendedVolumeTypeView(call.caller, type),
  });
}

/**
 * `is_public`: for an admin true, false, or none for both; true if he says nothing, and for everybody else. With the public ones
 * come those that are open to the caller's project.
 */
function visibilityFilter({ query, caller }: Call, open: ReadonlySet<string>): (type: VolumeType) => boolean {
  const isUsable = ({ id, isPublic }: VolumeType): boolean => isPublic || open.has(id);
  if (!caller.isAdmin) return isUsable;
  const text = query.get('is_public') ?? 'true';
  if (text.toLowerCase() === 'none') return () => true;
  const wanted = parseBoolean(text);
  if (wanted === null) throw badRequest(`Invalid is_public filter [${text}]`);
  return wanted ? isUsable : ({ isPublic }) => !isPublic;
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const type = await findType(call, catalog);
  return { status: 200, body: { volume_type: extendedVolumeTypeView(call.caller, type) } };
}

/**
 * By its id only: clients try the name, get a 404 and list (H-80). Private types are for who may use them.
 * @throws Problem 404
 */
export async function findType({ id, caller }: Call, catalog: CatalogReader): Promise<VolumeType> {
  const type = await catalog.findVolumeType(id);
  if (type?.id !== id || !(await mayUse(caller, type, catalog))) throw notFound('Volume type', id);
  return type;
}

/** A public one everybody, a private one administrators and the projects that it is open to. */
async function mayUse(caller: Caller, { id, isPublic }: VolumeType, catalog: CatalogReader): Promise<boolean> {
  return isPublic || caller.isAdmin || (await catalog.typesOpenTo(caller.projectId)).has(id);
}

/**
 * To who may not use a private type there is none (H-36). Whether there is a type at all is judged later.
 * @throws Refusal('VolumeTypeNotFound')
 */
export async function requireVisibleType(
  { caller }: Call,
  nameOrId: string | null,
  catalog: CatalogReader,
): Promise<void> {
  if (nameOrId === null || caller.isAdmin) return;
  const type = await catalog.findVolumeType(nameOrId);
  if (type && !(await mayUse(caller, type, catalog))) throw volumeTypeNotFound(nameOrId);
}

/** The project's own, or everybody's (S-9). */
async function showDefault({ caller }: Call, catalog: CatalogReader, name: string): Promise<Reply> {
  const [own] = await catalog.listDefaultTypes(caller.projectId);
  const type = await catalog.findVolumeType(own?.volumeTypeId ?? name);
  if (!type) throw notFound('Volume type', name);
  return { status: 200, body: { volume_type: volumeTypeView(caller, type) } };
}
