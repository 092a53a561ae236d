import { z } from 'zod';
import type { CatalogEdits, CatalogReader, VolumeFilter } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { visibleTo } from './caller';
import { ANYTHING, listing, one } from './contract';
import type { Contract } from './contract';
import type { Reply } from './exchange';
import { MATCHES_NOTHING, readFilters } from './filters';
import type { FilterReaders } from './filters';
import { listVisibility, readPaging } from './listing';
import { SINCE } from './microversions';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { ATTACHMENT, ATTACHMENT_SUMMARY, attachmentSummary, attachmentView } from './views/attachment-view';

type Attachments = CatalogReader & CatalogEdits;

const REFUSED: Contract = { body: ANYTHING, gives: {} };

/** Which volumes are attached where, as os-attach said (H-89). Connections there are none. */
export function attachmentRoutes({ catalog }: { readonly catalog: Attachments }): Route[] {
  const since = SINCE.attachments;
  const single = '/attachments/:id';
  return [
    {
      method: 'get',
      path: '/attachments',
      since,
      contract: listing(one('attachments', z.array(ATTACHMENT_SUMMARY)), Object.keys(FILTERS)),
      handle: (call) => list(call, catalog, attachmentSummary),
    },
    {
      method: 'get',
      path: '/attachments/detail',
      since,
      contract: listing(one('attachments', z.array(ATTACHMENT)), Object.keys(FILTERS)),
      handle: (call) => list(call, catalog, attachmentView),
    },
    { method: 'post', path: '/attachments', since, contract: REFUSED, handle: refuse },
    {
      method: 'get',
      path: single,
      since,
      contract: { gives: { 200: one('attachment', ATTACHMENT) } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'put',
      path: single,
      since,
      contract: REFUSED,
      handle: (call) => findAttached(call, catalog).then(refuse),
    },
    {
      method: 'delete',
      path: single,
      since,
      contract: { gives: { 200: one('attachments', z.array(ATTACHMENT)) } },
      handle: (call) => remove(call, catalog),
    },
    {
      method: 'post',
      path: `${single}/action`,
      since,
      contract: REFUSED,
      handle: (call) => findAttached(call, catalog).then(refuse),
    },
  ];
}

const ATTACHED = (word: string): Partial<VolumeFilter> | typeof MATCHES_NOTHING =>
  word === 'attached' ? {} : MATCHES_NOTHING;

const FILTERS: FilterReaders<VolumeFilter> = {
  volume_id: (id) => ({ id }),
  instance_id: (serverId) => ({ serverId }),
  status: ATTACHED,
  attach_status: ATTACHED,
};

async function list(call: Call, catalog: CatalogReader, view: (volume: Volume) => object): Promise<Reply> {
  const paging = readPaging(call);
  const visibility = listVisibility(call);
  const filter = readFilters(call, FILTERS);
  // A page goes on behind an attachment; our rows are the volumes.
  const marker = paging.marker === null ? null : (await findAttached({ ...call, id: paging.marker }, catalog)).id;
  const page = { ...paging, marker, visibility, filter: { ...filter, isAttached: true } };
  const { rows } = filter ? await catalog.listVolumes(page) : { rows: [] };
  return { status: 200, body: { attachments: rows.map(view) } };
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  return { status: 200, body: { attachment: attachmentView(await findAttached(call, catalog)) } };
}

/** Answers the attachments that are left: none, since a volume has one at the most. */
async function remove(call: Call, catalog: Attachments): Promise<Reply> {
  const { id } = await findAttached(call, catalog);
  await catalog.detachVolume(id, call.id);
  return { status: 200, body: { attachments: [] } };
}

/** The volume that is attached so. @throws Problem 404 */
async function findAttached({ id, caller }: Call, catalog: CatalogReader): Promise<Volume> {
  const page = { sort: [], offset: 0, limit: 1, marker: null };
  const { rows } = await catalog.listVolumes({ ...page, visibility: visibleTo(caller), filter: { attachmentId: id } });
  if (rows[0]) return rows[0];
  throw new Problem(404, `Volume attachment could not be found with filter: attachment_id = ${id}.`);
}

async function refuse(): Promise<never> {
  throw badRequest('Invalid input received: This service hands out no connections to its volumes.');
}
