import { validated } from './body';
import type { Reply } from './exchange';
import { requiredImageMetadata } from './metadata-words';
import { Problem } from './problems';
import type { Call } from './route';
import { closedObject, openObject, optionalObject, requiredText } from './schema-words';
import type { VolumeActionParts } from './volume-action';
import { findVisibleVolume } from './volumes';

/** H-62. */
export const IMAGE_METADATA_ACTIONS = {
  'os-show_image_metadata': show,
  'os-set_image_metadata': set,
  'os-unset_image_metadata': unset,
};

const SHOW = openObject({ 'os-show_image_metadata': optionalObject });

async function show(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  validated(SHOW, call.body);
  const { id, imageMetadata } = await findVisibleVolume(call, catalog);
  if (Object.keys(imageMetadata).length > 0) return { status: 200, body: { metadata: imageMetadata } };
  throw noneOf(id);
}

const SET = openObject({ 'os-set_image_metadata': closedObject({ metadata: requiredImageMetadata }) });

async function set(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const { metadata } = validated(SET, call.body)['os-set_image_metadata'];
  const { id } = await findVisibleVolume(call, catalog);
  const { imageMetadata } = await catalog.editVolume(id, { imageMetadata: { set: metadata } });
  return { status: 200, body: { metadata: imageMetadata } };
}

const UNSET = openObject({ 'os-unset_image_metadata': closedObject({ key: requiredText({ min: 1, max: 255 }) }) });

async function unset(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const { key } = validated(UNSET, call.body)['os-unset_image_metadata'];
  const { id, imageMetadata } = await findVisibleVolume(call, catalog);
  if (!Object.hasOwn(imageMetadata, key)) throw noneOf(id);
  await catalog.editVolume(id, { imageMetadata: { remove: key } });
  return { status: 200 };
}

function noneOf(id: string): Problem {
  return new Problem(404, `Glance metadata for volume/snapshot ${id} cannot be found.`);
}

export const IMAGE_METADATA_BODIES = {
  'os-show_image_metadata': SHOW,
  'os-set_image_metadata': SET,
  'os-unset_image_metadata': UNSET,
};
