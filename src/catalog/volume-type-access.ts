import { Refusal } from '../domain/errors';
import type { VolumeType } from '../domain/volume-type';
import type { TypeAccess } from './catalog';
import { isStorable, requireStorable } from './database';
import type { Database } from './database';
import { lockType } from './volume-type-edits';

/** See `CatalogReader.typesOpenTo`. */
export async function typesOpenTo(db: Database, projectId: string): Promise<ReadonlySet<string>> {
  if (!isStorable(projectId)) return new Set();
  const rows = await db
    .selectFrom('volume_type_access')
    .select('volume_type_id')
    .where('project_id', '=', projectId)
    .execute();
  return new Set(rows.map((row) => row.volume_type_id));
}

/** See `CatalogReader.projectsOfType`. */
export async function projectsOfType(db: Database, volumeTypeId: string): Promise<readonly string[]> {
  if (!isStorable(volumeTypeId)) return [];
  const rows = await db
    .selectFrom('volume_type_access')
    .select('project_id')
    .where('volume_type_id', '=', volumeTypeId)
    .orderBy('project_id')
    .execute();
  return rows.map((row) => row.project_id);
}

/** In a transaction. See `CatalogEdits.openType`. */
export async function openType(db: Database, access: TypeAccess): Promise<void> {
  requireStorable(access);
  const { volumeTypeId, projectId } = access;
  requirePrivate(await lockType(db, volumeTypeId));
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('volume_type_access')
    .values({ volume_type_id: volumeTypeId, project_id: projectId })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 1n) return;
  throw new Refusal('Conflict', `Volume type access for ${volumeTypeId} / ${projectId} combination already exists.`);
}

/** In a transaction. See `CatalogEdits.closeType`. */
export async function closeType(db: Database, access: TypeAccess): Promise<void> {
  requireStorable(access);
  const { volumeTypeId, projectId } = access;
  requirePrivate(await lockType(db, volumeTypeId));
  const { numDeletedRows } = await db
    .deleteFrom('volume_type_access')
    .where('volume_type_id', '=', volumeTypeId)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (numDeletedRows === 1n) return;
  throw new Refusal(
    'VolumeTypeNotFound',
    `Volume type access not found for ${volumeTypeId} / ${projectId} combination.`,
  );
}

function requirePrivate({ isPublic }: Pick<VolumeType, 'isPublic'>): void {
  if (!isPublic) return;
  const text = 'Type access modification is not applicable to public volume type.';
  throw new Refusal('InvalidInput', `Invalid volume type: ${text}`);
}
