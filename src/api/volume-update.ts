import type { VolumeEdit } from '../catalog/catalog';
import { validated } from './body';
import { requiredMetadata } from './metadata-words';
import { SINCE } from './microversions';
import type { Microversion } from './microversions';
import { closedObject, isNotValidUnderAny, says, trimmedText } from './schema-words';

/** Cinder api/schemas/volumes.py, update. */
const VOLUME = closedObject({
  name: trimmedText('name'),
  description: trimmedText('description'),
  display_name: trimmedText('name'),
  display_description: trimmedText('description'),
  metadata: requiredMetadata.optional(),
});
const UPDATE = closedObject({ volume: VOLUME });
export const STRICT_UPDATE = closedObject({
  volume: VOLUME.refine((volume) => Object.keys(volume).length > 0, says(isNotValidUnderAny)),
});

/** What the body of `PUT /volumes/{id}` changes. @throws Problem 400 */
export function readVolumeUpdate(body: unknown, version: Microversion): VolumeEdit {
  const { volume } = validated(version >= SINCE.strictCreate ? STRICT_UPDATE : UPDATE, body);
  const name = 'name' in volume ? volume.name : volume.display_name;
  const description = 'description' in volume ? volume.description : volume.display_description;
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(volume.metadata === undefined ? {} : { metadata: { set: volume.metadata, replace: true } }),
  };
}
