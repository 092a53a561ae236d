import type { VolumeType } from '../domain/volume-type';
import { isStorable } from './database';
import type { Database } from './database';
import { selectVolumeTypes } from './rows';

/** An id wins over another type's name of the same text. */
export async function findVolumeType(db: Database, nameOrId: string): Promise<VolumeType | null> {
  if (!isStorable(nameOrId)) return null;
  const types = await selectVolumeTypes(db)
    .where('deleted_at', 'is', null)
    .where((where) => where.or([where('id', '=', nameOrId), where('name', '=', nameOrId)]))
    .execute();
  return types.find((type) => type.id === nameOrId) ?? types[0] ?? null;
}

export async function listVolumeTypes(db: Database): Promise<readonly VolumeType[]> {
  return selectVolumeTypes(db).where('deleted_at', 'is', null).orderBy('name').execute();
}

/** In the order of their names, so that two processes that declare the same types don't wait for each other in a circle. */
export async function declareVolumeTypes(db: Database, types: readonly Omit<VolumeType, 'id'>[]): Promise<void> {
  if (types.length === 0) return;
  const values = [...types]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((type) => ({
      name: type.name,
      description: type.description,
      is_public: type.isPublic,
      extra_specs: JSON.stringify(type.extraSpecs),
    }));
  await db
    .insertInto('volume_types')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .column('name')
        .where('deleted_at', 'is', null)
        .doUpdateSet((row) => ({
          description: row.ref('excluded.description'),
          is_public: row.ref('excluded.is_public'),
          extra_specs: row.ref('excluded.extra_specs'),
        })),
    )
    .execute();
}
