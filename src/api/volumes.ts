import { z } from 'zod';
import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { requireAdmin, visibleTo } from './caller';
import { listing, many, one } from './contract';
import type { Reply } from './exchange';
import { readFilters } from './filters';
import { listReply, listVisibility, readPaging } from './listing';
import { MAX_VERSION, SINCE } from './microversions';
import { NEW_VOLUME, readNewVolume } from './new-volume';
import type { NewVolume } from './new-volume';
import { notFound } from './problems';
import { booleanParameter } from './query';
import type { Call, Route } from './route';
import {
  CREATED_VOLUME,
  createdVolumeView,
  VOLUME,
  VOLUME_SUMMARY,
  volumeSummary,
  volumeView,
} from './views/volume-view';
import { createVolume } from './volume-creation';
import { removeVolume } from './volume-deletion';
import { volumeFilters } from './volume-filters';
import { refuseForeignSources } from './volume-sources';
import { requireVisibleType } from './volume-types';
import { readVolumeUpdate, STRICT_UPDATE } from './volume-update';
import type { VolumeWorkflows } from '../runs/volume-workflows';

interface VolumeParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

const FILTERS = Object.keys(volumeFilters(MAX_VERSION));
const SUMMARY = z.strictObject({
  total_count: z.int(),
  total_size: z.int(),
  metadata: z.record(z.string(), z.array(z.string())).optional(),
});

/** H-35 to H-58. */
export function volumeRoutes(parts: VolumeParts): Route[] {
  const { catalog } = parts;
  return [
    {
      method: 'post',
      path: '/volumes',
      contract: {
        ...{ headers: ['Idempotency-Key'], body: NEW_VOLUME },
        ...{ gives: { 202: one('volume', CREATED_VOLUME) }, refuses: [409, 413] },
      },
      handle: (call) => create(call, parts),
    },
    {
      method: 'get',
      path: '/volumes',
      contract: listing(many('volumes', VOLUME_SUMMARY), FILTERS),
      handle: (call) => list(call, catalog, 'volumes'),
    },
    {
      method: 'get',
      path: '/volumes/detail',
      contract: listing(many('volumes', VOLUME), FILTERS),
      handle: (call) => list(call, catalog, 'volumes/detail'),
    },
    {
      method: 'get',
      path: '/volumes/summary',
      since: SINCE.volumeSummary,
      contract: { query: ['all_tenants', 'project_id'], gives: { 200: one('volume-summary', SUMMARY) } },
      handle: (call) => summarize(call, catalog),
    },
    {
      method: 'get',
      path: '/volumes/:id',
      contract: { gives: { 200: one('volume', VOLUME) } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'put',
      path: '/volumes/:id',
      contract: { body: STRICT_UPDATE, gives: { 200: one('volume', CREATED_VOLUME) } },
      handle: (call) => update(call, catalog),
    },
    {
      method: 'delete',
      path: '/volumes/:id',
      contract: { query: ['cascade', 'force'], gives: { 202: null } },
      handle: (call) => remove(call, parts),
    },
  ];
}

async function create(call: Call, parts: VolumeParts): Promise<Reply> {
  const asked = await readWantedVolume(call, parts.catalog);
  const volume = await createVolume(call, asked, parts);
  return { status: 202, body: { volume: createdVolumeView(call, volume) } };
}

/** What the body of a create asks for. @throws Problem 400, or 404 for a type or a source volume that this caller doesn't see */
export async function readWantedVolume(call: Call, catalog: CatalogReader): Promise<NewVolume> {
  const { asked, sources } = readNewVolume(call.body, call.version);
  await requireVisibleType(call, asked.volumeType, catalog);
  await refuseForeignSources(call, { sources, backupId: asked.backupId }, catalog);
  return asked;
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
