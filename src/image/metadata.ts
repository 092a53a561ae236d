import { z } from 'zod';
import { damagedObject } from './damage';
import type { ObjectOfBackup } from './damage';

/** F-2: the only version there is, of `P_metadata` and of `P_sha256file`. */
export const versionSchema = z.literal('1.0.0', {
  error: ({ input }) => `no support for version ${String(input)}, expected 1.0.0`,
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

const metadataSchema = z.object({
  version: versionSchema,
  volume_id: z.string(),
  objects: z.array(z.record(z.string(), extentSchema)),
});

/** One object as `P_metadata` describes it (F-3). */
export type DescribedObject = z.infer<typeof extentSchema> & { readonly name: string };

export interface BackupMetadata {
  readonly volumeId: string;
  readonly objects: readonly DescribedObject[];
}

/**
 * Reads `P_metadata` (F-2). `backup_id` and `parent_id` aren't looked at: a record may be imported under another id
 * (H-161f), and then the rows are right.
 * @throws Refusal('BackupDamaged')
 */
export function parseMetadata(text: string, where: ObjectOfBackup): BackupMetadata {
  const result = metadataSchema.safeParse(parseJson(text, where));
  if (!result.success) throw damagedObject(where, describeIssue(result.error));
  const objects = result.data.objects.map((entry) => {
    const [named, ...others] = Object.entries(entry);
    if (!named || others.length > 0) {
      throw damagedObject(where, `has an entry of ${Object.keys(entry).length} objects instead of one`);
    }
    return { name: named[0], ...named[1] };
  });
  return { volumeId: result.data.volume_id, objects };
}

/** @throws Refusal('BackupDamaged') */
export function parseJson(text: string, where: ObjectOfBackup): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damagedObject(where, 'is not JSON', error);
  }
}

/** The first thing that is wrong, where it stands. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `is not what Cinder writes: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? error.message}`;
}
