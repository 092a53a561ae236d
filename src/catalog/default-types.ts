import type { DefaultType } from './catalog';
import { isStorable, requireStorable } from './database';
import type { Database } from './database';

/** See `CatalogReader.listDefaultTypes`. */
export async function listDefaultTypes(db: Database, projectId?: string): Promise<readonly DefaultType[]> {
  if (projectId !== undefined && !isStorable(projectId)) return [];
  let query = db.selectFrom('default_types').select(['project_id as projectId', 'volume_type_id as volumeTypeId']);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return query.orderBy('project_id').execute();
}

/** The id of the project's own default type; null if it has none. */
export async function defaultTypeOf(db: Database, projectId: string): Promise<string | null> {
  const [own] = await listDefaultTypes(db, projectId);
  return own?.volumeTypeId ?? null;
}

/** See `CatalogEdits.setDefaultType`. */
export async function setDefaultType(db: Database, { projectId, volumeTypeId }: DefaultType): Promise<void> {
  requireStorable(projectId);
  await db
    .insertInto('default_types')
    .values({ project_id: projectId, volume_type_id: volumeTypeId })
    .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ volume_type_id: volumeTypeId }))
    .execute();
}

/** See `CatalogEdits.unsetDefaultType`. */
export async function unsetDefaultType(db: Database, projectId: string): Promise<void> {
  if (isStorable(projectId)) await db.deleteFrom('default_types').where('project_id', '=', projectId).execute();
}
