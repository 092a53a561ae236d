import type { CatalogReader } from '../catalog/catalog';
import { volumeTypeNotFound } from '../domain/acceptance';
import type { VolumeType } from '../domain/volume-type';
import type { Caller } from './caller';
import type { Reply } from './exchange';
import { listReply, pageOf, readPaging } from './listing';
import { badRequest, notFound } from './problems';
import { parseBoolean } from './python-words';
import type { Call, Route } from './route';
import { listedVolumeTypeView, volumeTypeView } from './views/volume-type-view';

interface VolumeTypeParts {
  readonly catalog: CatalogReader;
  readonly defaultVolumeType: string;
}

/** H-80: to be looked at. */
export function volumeTypeRoutes({ catalog, defaultVolumeType }: VolumeTypeParts): Route[] {
  return [
    { method: 'get', path: '/types', handle: (call) => list(call, catalog) },
    { method: 'get', path: '/types/default', handle: (call) => showDefault(call, catalog, defaultVolumeType) },
    { method: 'get', path: '/types/:id', handle: (call) => show(call, catalog) },
  ];
}

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  const paging = readPaging(call);
  const isWanted = visibilityFilter(call);
  const types = (await catalog.listVolumeTypes()).filter(isWanted);
  const listed = pageOf(types, paging);
  if (!listed) throw notFound('Volume type', paging.marker ?? '');
  return listReply(call, listed, {
    name: 'volume_types',
    linksName: 'volume_type_links',
    collection: 'types',
    view: (type) => listedVolumeTypeView(call.caller, type),
  });
}

/** `is_public`: for an admin true, false, or none for both; public ones if he says nothing, and for everybody else. */
function visibilityFilter({ query, caller }: Call): (type: VolumeType) => boolean {
  const text = query.get('is_public') ?? 'true';
  if (!caller.isAdmin) return ({ isPublic }) => isPublic;
  if (text.toLowerCase() === 'none') return () => true;
  const wanted = parseBoolean(text);
  if (wanted === null) throw badRequest(`Invalid is_public filter [${text}]`);
  return ({ isPublic }) => isPublic === wanted;
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  return reply(call.caller, await findType(call, catalog));
}

/**
 * By its id only: clients try the name, get a 404 and list (H-80). Private types are an administrator's.
 * @throws Problem 404
 */
export async function findType({ id, caller }: Call, catalog: CatalogReader): Promise<VolumeType> {
  const type = await catalog.findVolumeType(id);
  if (type?.id !== id || (!type.isPublic && !caller.isAdmin)) throw notFound('Volume type', id);
  return type;
}

/**
 * Private types are an administrator's; to others there are none (H-36). Whether there is a type at all is judged later.
 * @throws Refusal('VolumeTypeNotFound')
 */
export async function requireVisibleType(
  { caller }: Call,
  nameOrId: string | null,
  catalog: CatalogReader,
): Promise<void> {
  if (nameOrId === null || caller.isAdmin) return;
  const type = await catalog.findVolumeType(nameOrId);
  if (type?.isPublic === false) throw volumeTypeNotFound(nameOrId);
}

/** The project's own, or everybody's (S-9). */
async function showDefault({ caller }: Call, catalog: CatalogReader, name: string): Promise<Reply> {
  const [own] = await catalog.listDefaultTypes(caller.projectId);
  const type = await catalog.findVolumeType(own?.volumeTypeId ?? name);
  if (!type) throw notFound('Volume type', name);
  return reply(caller, type);
}

function reply(caller: Caller, type: VolumeType): Reply {
  return { status: 200, body: { volume_type: volumeTypeView(caller, type) } };
}
