import { z } from 'zod';
import type { VolumeMeta } from '../domain/volume-metadata';
import { damagedObject } from './damage';
import type { ObjectOfBackup } from './damage';
import { describeIssue, parseJson, shown } from './metadata';

/** A few KiB in practice; it ends up in a row, and in lists of volumes. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Cinder refuses other versions as well, when the data is copied (backup/driver.py, put_metadata). Ignoring one isn't safe:
 * where the key of an encrypted volume stands in it, nobody knows.
 */
const versionSchema = z.literal([1, 2], {
  error: ({ input }) => `no support for version ${shown(input)}, expected 1 or 2`,
});

/** No catalog can hold these characters, and a restore should not fail over a description. */
const text = z.string().transform((value) => value.replaceAll(/[\0\p{Surrogate}]/gu, ''));
const nullableText = text.nullish().transform((value) => value ?? null);

/** Not `z.record`, which drops the key `__proto__`: it is a permitted one like any other. Cinder's columns may be null. */
const textMap = z
  .preprocess(entriesOf, z.array(z.tuple([text, nullableText]), 'expected an object'))
  .transform((entries) => Object.fromEntries(entries.map(([key, value]) => [key, value ?? ''])));

const volumeMetaSchema = z.object({
  version: versionSchema,
  // Every column of the volume's row (S-61), of which these count. Each part is there only if Cinder had something to write.
  'volume-base-metadata': z
    .object({
      display_name: nullableText,
      display_description: nullableText,
      bootable: z.boolean().nullish(),
      encryption_key_id: nullableText,
      volume_type_id: nullableText,
    })
    .nullish(),
  'volume-metadata': textMap.nullish(),
  'volume-glance-metadata': textMap.nullish(),
});

/**
 * Reads `volume_meta` (F-2, S-61). The two versions differ in what Cinder restores of them, not in what they hold: version 1
 * doesn't give back the encryption key, but the bytes are encrypted all the same.
 * @param metadata the object that it stands in
 * @returns null for an empty text, which says nothing
 * @throws Refusal('BackupDamaged')
 */
export function parseVolumeMeta(json: string, metadata: ObjectOfBackup): VolumeMeta | null {
  if (json === '') return null;
  const where = { ...metadata, objectName: `${metadata.objectName} (volume_meta)` };
  if (json.length > MAX_CHARACTERS) throw damagedObject(where, `is too large (${json.length} characters)`);
  const result = volumeMetaSchema.safeParse(parseJson(json, where));
  if (!result.success) throw damagedObject(where, describeIssue(result.error));
  const base = result.data['volume-base-metadata'];
  return {
    name: base?.display_name ?? null,
    description: base?.display_description ?? null,
    bootable: base?.bootable ?? null,
    encryptionKeyId: base?.encryption_key_id ?? null,
    volumeTypeId: base?.volume_type_id ?? null,
    userMetadata: result.data['volume-metadata'] ?? {},
    imageMetadata: result.data['volume-glance-metadata'] ?? {},
  };
}

function entriesOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : value;
}
