import { z } from 'zod';
import { damagedObject } from './damage';
import type { ObjectOfBackup } from './damage';
import { MetadataSplitter } from './metadata-splitter';

/** F-2: the only version there is, of `P_metadata` and of `P_sha256file`. */
export const versionSchema = z.literal('1.0.0', {
  error: ({ input }) => `no support for version ${shown(input)}, expected 1.0.0`,
});

const extentSchema = z.object({
  offset: z.int().nonnegative(),
  length: z.int().positive(),
  compression: z.string(),
  // F-3: in every known version, but a backup without it can still be restored if it has a sha256 file.
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i)
    .nullish(),
});

/** What is left when the entries of `objects` have been taken out. */
const frameSchema = z.object({
  version: versionSchema,
  volume_id: z.string(),
  objects: z.custom<readonly 0[]>(
    (list) => Array.isArray(list) && list.every((place) => place === 0),
    'expected a list of objects',
  ),
  volume_meta: z.string().nullish(),
});

const descriptionSchema = frameSchema.extend({
  backup_id: z.string(),
  parent_id: z.string().nullish(),
  backup_name: z.string().nullish(),
  backup_description: z.string().nullish(),
  created_at: z.string(),
});

/** One name, without escapes, and what belongs to it. */
const ONE_PAIR = /^\{\s*("[^"\\]*")\s*:\s*(\{[^]*\})\s*\}$/;

/** One object as `P_metadata` describes it (F-3). */
export type DescribedObject = z.infer<typeof extentSchema> & { readonly name: string };

export interface BackupMetadata {
  readonly volumeId: string;
  /** JSON of its own; null where the backup says nothing of its volume. `volume-meta.ts` reads it. */
  readonly volumeMeta: string | null;
}

export interface ReadMetadataOptions {
  readonly where: ObjectOfBackup;
  /** Called as the objects are read. What it throws ends the reading, so that no list is longer than it bears. */
  readonly onObject: (object: DescribedObject) => void;
}

/**
 * Reads `P_metadata` (F-2) as a stream. `backup_id` and `parent_id` aren't looked at: a record may be imported under another
 * id (H-161f), and then the rows are right.
 * @throws Refusal('BackupDamaged')
 */
export async function readMetadata(
  pieces: AsyncIterable<Uint8Array>,
  options: ReadMetadataOptions,
): Promise<BackupMetadata> {
  const { volume_id: volumeId, volume_meta: volumeMeta } = await readFrame(pieces, options, frameSchema);
  return { volumeId, volumeMeta: volumeMeta ?? null };
}

/** What `P_metadata` says of the backup itself, for a catalog that has lost its record. */
export interface BackupDescription extends BackupMetadata {
  readonly backupId: string;
  readonly parentId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  /** As Python prints a time: `2026-01-01 00:00:00+00:00`. */
  readonly createdAt: string;
}

/** The same, for who wants to know whose metadata it is. @throws Refusal('BackupDamaged') */
export async function describeBackup(
  pieces: AsyncIterable<Uint8Array>,
  options: ReadMetadataOptions,
): Promise<BackupDescription> {
  const frame = await readFrame(pieces, options, descriptionSchema);
  return {
    backupId: frame.backup_id,
    parentId: frame.parent_id ?? null,
    name: frame.backup_name ?? null,
    description: frame.backup_description ?? null,
    createdAt: frame.created_at,
    volumeId: frame.volume_id,
    volumeMeta: frame.volume_meta ?? null,
  };
}

async function readFrame<Frame extends { readonly objects: readonly 0[] }>(
  pieces: AsyncIterable<Uint8Array>,
  { where, onObject }: ReadMetadataOptions,
  schema: z.ZodType<Frame>,
): Promise<Frame> {
  let count = 0;
  const splitter = new MetadataSplitter(
    (text) => {
      onObject(parseEntry(text, { index: count, where }));
      count += 1;
    },
    () => damagedObject(where, 'is too large to be metadata'),
  );
  for await (const piece of pieces) splitter.push(piece);
  const result = schema.safeParse(parseJson(splitter.frame(), where));
  if (!result.success) throw damagedObject(where, describeIssue(result.error));
  if (result.data.objects.length !== count) throw damagedObject(where, 'lists what is no object');
  return result.data;
}

function parseEntry(text: string, { index, where }: { index: number; where: ObjectOfBackup }): DescribedObject {
  const [name, extent] = parsePair(text) ?? parseOnlyPair(text, where);
  const result = extentSchema.safeParse(extent);
  if (!result.success) throw damagedObject(where, describeIssue(result.error, ['objects', index, name]));
  return { name, ...result.data };
}

/**
 * An entry as Cinder writes it, parsed as a list: parsed as an object, each is the only one with its key, and V8 keeps a
 * shape for each. Null where it may be anything else.
 */
function parsePair(text: string): readonly [string, unknown] | null {
  const [, name, extent] = ONE_PAIR.exec(text) ?? [];
  if (name === undefined || extent === undefined) return null;
  try {
    const pair: unknown = JSON.parse(`[${name},${extent}]`);
    return Array.isArray(pair) && pair.length === 2 ? [String(pair[0]), pair[1]] : null;
  } catch {
    return null;
  }
}

function parseOnlyPair(text: string, where: ObjectOfBackup): readonly [string, unknown] {
  const entry = parseJson(text, where);
  const pairs: [string, unknown][] = typeof entry === 'object' && entry !== null ? Object.entries(entry) : [];
  const [pair, ...others] = pairs;
  if (pair && others.length === 0) return pair;
  throw damagedObject(where, `has an entry of ${pairs.length} objects instead of one`);
}

/** @throws Refusal('BackupDamaged') */
export function parseJson(text: string, where: ObjectOfBackup): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damagedObject(where, 'is not JSON', error);
  }
}

/** A value of JSON, in words. An object may have a `toString` that is no function, or be too deep for `JSON.stringify`. */
export function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : typeof value;
}

/** The first thing that is wrong, where it stands. */
export function describeIssue(error: z.ZodError, place: readonly PropertyKey[] = []): string {
  const issue = error.issues[0];
  const path = [...place, ...(issue?.path ?? [])].map(String).join('.');
  return `is not what Cinder writes: ${path}: ${issue?.message ?? error.message}`;
}
