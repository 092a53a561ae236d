import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CatalogEdits, CatalogReader, MetadataEdit } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import { validated } from './body';
import { one } from './contract';
import type { Reply } from './exchange';
import { requiredMetadata, requiredMetadataItem } from './metadata-words';
import { SINCE } from './microversions';
import { badRequest, Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject } from './schema-words';
import { findVisibleVolume } from './volumes';

type Metadata = Volume['metadata'];

const TEXTS = z.record(z.string(), z.string());

/** H-59: what a user keeps with a volume. */
export function volumeMetadataRoutes({ catalog }: { readonly catalog: CatalogReader & CatalogEdits }): Route[] {
  const all = '/volumes/:id/metadata';
  const single = '/volumes/:id/metadata/:key';
  return [
    {
      method: 'get',
      path: all,
      contract: { gives: { 200: one('metadata', TEXTS) } },
      handle: (call) => list(call, catalog),
    },
    {
      method: 'post',
      path: all,
      contract: { body: METADATA, gives: { 200: one('metadata', TEXTS) } },
      handle: (call) => merge(call, catalog),
    },
    {
      method: 'put',
      path: all,
      contract: { headers: ['If-Match'], body: METADATA, gives: { 200: one('metadata', TEXTS), 412: null } },
      handle: (call) => replace(call, catalog),
    },
    {
      method: 'get',
      path: single,
      contract: { gives: { 200: one('meta', TEXTS) } },
      handle: (call) => showItem(call, catalog),
    },
    {
      method: 'put',
      path: single,
      contract: { headers: ['If-Match'], body: ITEM, gives: { 200: one('meta', TEXTS), 412: null } },
      handle: (call) => writeItem(call, catalog),
    },
    { method: 'delete', path: single, contract: { gives: { 200: null } }, handle: (call) => removeItem(call, catalog) },
  ];
}

async function list(call: Call, catalog: CatalogReader): Promise<Reply> {
  const { metadata } = await findVisibleVolume(call, catalog);
  const reply = { status: 200, body: { metadata } };
  return call.version >= SINCE.etags ? { ...reply, headers: { Etag: etagOf(metadata) } } : reply;
}

const METADATA = closedObject({ metadata: requiredMetadata });

async function merge(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const { metadata: set } = validated(METADATA, call.body);
  const { id } = await findVisibleVolume(call, catalog);
  return written(await edit(catalog, id, { set }));
}

async function replace(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const { metadata: set } = validated(METADATA, call.body);
  const volume = await findVisibleVolume(call, catalog);
  if (isOutdated(call, volume.metadata)) return OUTDATED;
  return written(await edit(catalog, volume.id, { set, replace: true }));
}

async function edit(catalog: CatalogEdits, volumeId: string, metadata: MetadataEdit): Promise<Metadata> {
  return (await catalog.editVolume(volumeId, { metadata })).metadata;
}

function written(metadata: Metadata): Reply {
  return { status: 200, body: { metadata } };
}

async function showItem(call: Call, catalog: CatalogReader): Promise<Reply> {
  const { metadata } = await findVisibleVolume(call, catalog);
  const value = Object.hasOwn(metadata, call.key) ? metadata[call.key] : undefined;
  if (value === undefined) throw noSuchKey(call);
  return { status: 200, body: { meta: Object.fromEntries([[call.key, value]]) } };
}

const ITEM = closedObject({ meta: requiredMetadataItem });

async function writeItem(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const { meta } = validated(ITEM, call.body);
  const volume = await findVisibleVolume(call, catalog);
  if (isOutdated(call, volume.metadata)) return OUTDATED;
  if (!Object.hasOwn(meta, call.key)) throw badRequest('Request body and URI mismatch');
  await edit(catalog, volume.id, { set: meta });
  return { status: 200, body: { meta } };
}

async function removeItem(call: Call, catalog: CatalogReader & CatalogEdits): Promise<Reply> {
  const { id, metadata } = await findVisibleVolume(call, catalog);
  if (!Object.hasOwn(metadata, call.key)) throw noSuchKey(call);
  await edit(catalog, id, { remove: call.key });
  return { status: 200 };
}

function noSuchKey({ id, key }: Call): Problem {
  return new Problem(404, `Volume ${id} has no metadata with key ${key}.`);
}

/** 3.15: who names the content that he knows overwrites no other. */
function isOutdated({ version, ifMatch }: Call, metadata: Metadata): boolean {
  return version >= SINCE.etags && ifMatch !== null && !ifMatch.includes('*') && !ifMatch.includes(etagOf(metadata));
}

const OUTDATED: Reply = { status: 412 };

/** Opaque to callers; md5 as Cinder's is, of what the answer holds. */
function etagOf(metadata: Metadata): string {
  return createHash('md5').update(JSON.stringify(metadata)).digest('hex');
}
