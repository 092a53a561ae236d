import { z } from 'zod';
import { validated } from './body';
import { optionalMetadata } from './metadata-words';
import { SINCE } from './microversions';
import type { Microversion } from './microversions';
import { badRequest, notFound, WEBOB_BAD_REQUEST } from './problems';
import { pythonText } from './python-words';
import {
  characters,
  closedObject,
  openObject,
  optionalBoolean,
  optionalHints,
  optionalSize,
  optionalText,
  optionalUuid,
  trimmedText,
} from './schema-words';
import { isStorable } from './storable';
import { namesForeignSource } from './volume-sources';
import type { ForeignSources } from './volume-sources';

/** What the body of `POST /volumes` asks for: its form is right, nothing else has been judged. */
export interface NewVolume {
  readonly name: string | null;
  readonly description: string | null;
  readonly sizeGib: number | null;
  readonly volumeType: string | null;
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly backupId: string | null;
  /** Whether what was written is to be read back from the disk and compared: `cinder create --hint rekindle_read_back=true`. */
  readonly readBack: boolean;
}

/**
 * H-35, H-36: the form, and what can be said without looking anything up; `sources` are those that it names besides a backup.
 * @throws Problem 400; 404 for a `backup_id` that can't be one
 */
export function readNewVolume(
  body: unknown,
  version: Microversion,
): { readonly asked: NewVolume; readonly sources: ForeignSources } {
  const { volume, [HINTS]: hints } = validated(schemaFor(version), body);
  const backupId = readBackupId(volume.backup_id);
  const sizeGib = volume.size ?? null;
  if (volume.multiattach === true) throw badRequest(NO_MULTIATTACH);
  // Cinder falls over the missing number (a TypeError) and answers in webob's words.
  if (sizeGib === null && backupId === null && !namesForeignSource(volume)) throw badRequest(WEBOB_BAD_REQUEST);
  const asked = {
    // A `name` that is there counts, even as null; `display_name` is its older name.
    name: ('name' in volume ? volume.name : volume.display_name) ?? null,
    description: ('description' in volume ? volume.description : volume.display_description) ?? null,
    sizeGib,
    volumeType: volume.volume_type || null,
    availabilityZone: volume.availability_zone ?? null,
    metadata: volume.metadata ?? {},
    backupId,
    readBack: hints?.rekindle_read_back ?? false,
  };
  return { asked, sources: volume };
}

const HINTS = 'OS-SCH-HNT:scheduler_hints';

/** Cinder api/schemas/volumes.py, create. The order is the one in which faults are reported. */
const FIELDS = {
  name: trimmedText('name'),
  description: trimmedText('description'),
  display_name: trimmedText('name'),
  display_description: trimmedText('description'),
  volume_type: optionalText(),
  metadata: optionalMetadata,
  snapshot_id: optionalUuid,
  source_volid: optionalUuid,
  consistencygroup_id: optionalUuid,
  size: optionalSize,
  availability_zone: optionalText({ min: 1 }),
  multiattach: optionalBoolean,
  image_id: optionalText(),
  imageRef: optionalText(),
};

/** Before a microversion knew these two, Cinder read them all the same, unchecked (H-37). */
const UNCHECKED = { group_id: z.unknown().optional(), backup_id: z.unknown().optional() };
const WITH_GROUP = { ...UNCHECKED, group_id: optionalText() };
const WITH_BACKUP = { ...WITH_GROUP, backup_id: optionalUuid };

const top = <Volume extends z.ZodType>(volume: Volume) => closedObject({ volume, [HINTS]: optionalHints });

export const NEW_VOLUME = top(closedObject({ ...FIELDS, ...WITH_BACKUP }));

/** The newest first. */
const SCHEMAS = [
  { since: SINCE.strictCreate, schema: NEW_VOLUME },
  { since: SINCE.createFromBackup, schema: top(openObject({ ...FIELDS, ...WITH_BACKUP })) },
  { since: SINCE.groupId, schema: top(openObject({ ...FIELDS, ...WITH_GROUP })) },
];
const OLDEST_SCHEMA = top(openObject({ ...FIELDS, ...UNCHECKED }));

type Body = z.infer<typeof OLDEST_SCHEMA>;

function schemaFor(version: Microversion): z.ZodType<Body> {
  return SCHEMAS.find(({ since }) => version >= since)?.schema ?? OLDEST_SCHEMA;
}

const NO_MULTIATTACH =
  'multiattach parameter has been removed. The default behavior is to use multiattach enabled volume types. ' +
  'Contact your administrator to create a multiattach enabled volume type and use it to create multiattach volumes.';

/** Below 3.47 it may be anything: what is false in Python is no backup, and what can't be an id is not found. */
function readBackupId(value: unknown): string | null {
  if (!value) return null;
  const id = pythonText(value);
  if (!isStorable(id) || characters(id) > 255) throw notFound('Backup', id);
  return id;
}
