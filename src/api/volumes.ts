import type { CatalogReader, VolumeFilter } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { visibleTo } from './caller';
import type { Reply } from './exchange';
import { MATCHES_NOTHING, readFilters, unsupported } from './filters';
import type { FilterReaders } from './filters';
import { listReply, listVisibility, readPaging } from './listing';
import { SINCE } from './microversions';
import { readNewVolume } from './new-volume';
import { badRequest, notFound, Problem } from './problems';
import { parseBoolean, parseDictionary } from './python-words';
import { booleanParameter, integer } from './query';
import type { Call, Route } from './route';
import { createdVolumeView, volumeSummary, volumeView } from './views/volume-view';
import { createVolume } from './volume-creation';
import { NoAnswer } from './volume-workflows';
import type { VolumeWorkflows } from './volume-workflows';

interface VolumeParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

/** H-35 to H-57. */
export function volumeRoutes(parts: VolumeParts): Route[] {
  const { catalog } = parts;
  return [
    { method: 'post', path: '/volumes', handle: (call) => create(call, parts) },
    { method: 'get', path: '/volumes', handle: (call) => list(call, catalog, 'volumes') },
    { method: 'get', path: '/volumes/detail', handle: (call) => list(call, catalog, 'volumes/detail') },
    { method: 'get', path: '/volumes/:id', handle: (call) => show(call, catalog) },
    { method: 'delete', path: '/volumes/:id', handle: (call) => remove(call, parts) },
  ];
}

async function create(call: Call, parts: VolumeParts): Promise<Reply> {
  const volume = await createVolume(call, readNewVolume(call.body, call.version), parts);
  return { status: 202, body: { volume: createdVolumeView(call, volume) } };
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const volume = await findVisibleVolume(call, catalog);
  return { status: 200, body: { volume: volumeView(call, volume) } };
}

/** @throws Problem 404 */
export async function findVisibleVolume({ id, caller }: Call, catalog: CatalogReader): Promise<Volume> {
  const volume = await catalog.findVolume(id, visibleTo(caller));
  if (!volume) throw notFound('Volume', id);
  return volume;
}

async function list(call: Call, catalog: CatalogReader, collection: 'volumes' | 'volumes/detail'): Promise<Reply> {
  const paging = readPaging(call);
  const visibility = listVisibility(call);
  const filter = readFilters(call, VOLUME_FILTERS);
  const listed = filter ? await catalog.listVolumes({ ...paging, visibility, filter }) : { rows: [], total: 0 };
  const view = collection === 'volumes' ? volumeSummary : volumeView;
  return listReply(call, listed, { name: 'volumes', collection, view: (volume) => view(call, volume) });
}

/** Cinder's resource_filters.json, and what each comes to here (H-54, H-55). */
const VOLUME_FILTERS: FilterReaders<VolumeFilter> = {
  name: (name) => ({ name }),
  'name~': unsupported('name~'),
  status: (status) => ({ status }),
  availability_zone: (availabilityZone) => ({ availabilityZone }),
  bootable: (text) => ({ bootable: readBootable(text) }),
  size: (text) => ({ sizeGib: integer(text) ?? -1 }),
  metadata: (text) => {
    const metadata = parseDictionary(text);
    return metadata ? { metadata } : MATCHES_NOTHING;
  },
  consumes_quota: (text) => (parseBoolean(text) === true ? {} : MATCHES_NOTHING),
  group_id: () => MATCHES_NOTHING,
  migration_status: () => MATCHES_NOTHING,
  created_at: unsupported('created_at'),
  updated_at: unsupported('updated_at'),
};

function readBootable(text: string): boolean {
  const value = parseBoolean(text);
  if (value === null) throw badRequest(`Invalid input received: 'bootable = ${text}'`);
  return value;
}

/** Which statuses permit it, and what it does to a volume that is being made, is the workflow's to judge (H-57). */
async function remove(call: Call, { catalog, workflows }: VolumeParts): Promise<Reply> {
  booleanParameter(call.query, 'cascade');
  if (call.version >= SINCE.forcedDeletion) booleanParameter(call.query, 'force');
  const { id: volumeId, projectId } = await findVisibleVolume(call, catalog);
  try {
    await workflows.remove({ volumeId, projectId, requestId: call.requestId });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // Nothing is lost by asking twice, so there is no need to wait for certainty as with a create.
    const volume = await catalog.findVolume(volumeId, { projectId });
    if (volume && volume.status !== 'deleting') throw notAccepted(error);
  }
  return { status: 202 };
}

function notAccepted(cause: NoAnswer): Problem {
  const text =
    'The deletion was not accepted in time: Temporal or its workers did not answer. ' +
    'It may still be carried out, and the request can safely be repeated.';
  return new Problem(503, text, { cause });
}
