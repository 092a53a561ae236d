import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { requireAdmin, visibleTo } from './caller';
import type { Reply } from './exchange';
import { readFilters } from './filters';
import { listReply, listVisibility, readPaging } from './listing';
import { SINCE } from './microversions';
import { readNewVolume } from './new-volume';
import { notFound } from './problems';
import { booleanParameter } from './query';
import type { Call, Route } from './route';
import { createdVolumeView, volumeSummary, volumeView } from './views/volume-view';
import { createVolume } from './volume-creation';
import { removeVolume } from './volume-deletion';
import { volumeFilters } from './volume-filters';
import { requireVisibleType } from './volume-types';
import { readVolumeUpdate } from './volume-update';
import type { VolumeWorkflows } from './volume-workflows';

interface VolumeParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

/** H-35 to H-58. */
export function volumeRoutes(parts: VolumeParts): Route[] {
  const { catalog } = parts;
  return [
    { method: 'post', path: '/volumes', handle: (call) => create(call, parts) },
    { method: 'get', path: '/volumes', handle: (call) => list(call, catalog, 'volumes') },
    { method: 'get', path: '/volumes/detail', handle: (call) => list(call, catalog, 'volumes/detail') },
    { method: 'get', path: '/volumes/summary', since: SINCE.volumeSummary, handle: (call) => summarize(call, catalog) },
    { method: 'get', path: '/volumes/:id', handle: (call) => show(call, catalog) },
    { method: 'put', path: '/volumes/:id', handle: (call) => update(call, catalog) },
    { method: 'delete', path: '/volumes/:id', handle: (call) => remove(call, parts) },
  ];
}

async function create(call: Call, parts: VolumeParts): Promise<Reply> {
  const asked = readNewVolume(call.body, call.version);
  await requireVisibleType(call, asked.volumeType, parts.catalog);
  const volume = await createVolume(call, asked, parts);
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
  const paging = readPaging(call, { bootable: 'bootable' });
  const visibility = listVisibility(call);
  const filter = readFilters(call, volumeFilters(call.version));
  const listed = filter ? await catalog.listVolumes({ ...paging, visibility, filter }) : { rows: [], total: 0 };
  const view = collection === 'volumes' ? volumeSummary : volumeView;
  return listReply(call, listed, { name: 'volumes', collection, view: (volume) => view(call, volume) });
}

/** H-50. Filters are overlooked, as in Cinder. */
async function summarize(call: Call, catalog: CatalogReader): Promise<Reply> {
  const { count, sizeGib, metadata } = await catalog.summarizeVolumes(listVisibility(call));
  const summary = { total_count: count, total_size: sizeGib };
  const isFull = call.version >= SINCE.summaryMetadata;
  return { status: 200, body: { 'volume-summary': isFull ? { ...summary, metadata } : summary } };
}

/** H-58. */
async function update(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const edit = readVolumeUpdate(call.body, call.version);
  const { id } = await findVisibleVolume(call, catalog);
  return { status: 200, body: { volume: createdVolumeView(call, await catalog.editVolume(id, edit)) } };
}

async function remove(call: Call, parts: VolumeParts): Promise<Reply> {
  booleanParameter(call.query, 'cascade');
  const force = call.version >= SINCE.forcedDeletion && booleanParameter(call.query, 'force');
  const volume = await findVisibleVolume(call, parts.catalog);
  if (force) requireAdmin(call.caller, 'volume:force_delete');
  return removeVolume(call, volume, { ...parts, force });
}
