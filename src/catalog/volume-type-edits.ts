import { Refusal } from '../domain/errors';
import type { VolumeType } from '../domain/volume-type';
import type { MetadataEdit, NewVolumeType, VolumeTypeEdit } from './catalog';
import { currentTime, isStorable, requireStorable } from './database';
import type { Database } from './database';
import { selectVolumeTypes } from './rows';
import { edited } from './volume-edits';

/** See `CatalogEdits.createVolumeType`. */
export async function createVolumeType(db: Database, type: NewVolumeType): Promise<VolumeType> {
  requireStorable(type);
  const { name, description, isPublic, extraSpecs } = type;
  const created = await db
    .insertInto('volume_types')
    .values({ name, description, is_public: isPublic, extra_specs: JSON.stringify(extraSpecs) })
    .onConflict((conflict) => conflict.column('name').where('deleted_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!created) throw alreadyExists(name);
  return readType(db, created.id);
}

/** See `CatalogEdits.editVolumeType`. */
export async function editVolumeType(db: Database, id: string, edit: VolumeTypeEdit): Promise<VolumeType> {
  requireStorable(edit);
  const { name, description, isPublic } = edit;
  try {
    const { numUpdatedRows } = await db
      .updateTable('volume_types')
      .set({ id, name, description, is_public: isPublic })
      .where('id', '=', requireId(id))
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw notFound(id);
  } catch (error) {
    if (isTaken(error)) throw alreadyExists(name ?? id);
    throw error;
  }
  return readType(db, id);
}

/** In a transaction. See `CatalogEdits.editExtraSpecs`. */
export async function editExtraSpecs(db: Database, id: string, edit: MetadataEdit): Promise<VolumeType> {
  requireStorable(edit);
  await lockType(db, id);
  if (await isInUse(db, id)) throw new Refusal('InvalidInput', 'Volume Type is currently in use.');
  await db
    .updateTable('volume_types')
    .set({ extra_specs: edited('extra_specs', edit) })
    .where('id', '=', id)
    .execute();
  return readType(db, id);
}

/** In a transaction. See `CatalogEdits.deleteVolumeType`. The row stays: volumes that are gone name it. */
export async function deleteVolumeType(db: Database, id: string): Promise<void> {
  await lockType(db, id);
  const asDefault = db.selectFrom('default_types').select('project_id').where('volume_type_id', '=', id).limit(1);
  if (await asDefault.executeTakeFirst()) {
    throw new Refusal('InvalidInput', `The volume type ${id} is a default volume type and cannot be deleted.`);
  }
  if (await isInUse(db, id)) throw new Refusal('InvalidInput', 'Target volume type is still in use.');
  await db.deleteFrom('volume_type_access').where('volume_type_id', '=', id).execute();
  await db.updateTable('volume_types').set({ deleted_at: currentTime }).where('id', '=', id).execute();
}

/** In a transaction: nobody else changes the type until it ends. @throws Refusal('VolumeTypeNotFound') */
export async function lockType(db: Database, id: string): Promise<{ readonly isPublic: boolean }> {
  const query = db
    .selectFrom('volume_types')
    .select('is_public as isPublic')
    .where('id', '=', requireId(id))
    .where('deleted_at', 'is', null)
    .forUpdate();
  const type = await query.executeTakeFirst();
  if (!type) throw notFound(id);
  return type;
}

async function isInUse(db: Database, id: string): Promise<boolean> {
  const query = db
    .selectFrom('volumes')
    .select('id')
    .where('volume_type_id', '=', id)
    .where('status', '<>', 'deleted')
    .limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}

async function readType(db: Database, id: string): Promise<VolumeType> {
  return selectVolumeTypes(db).where('id', '=', id).executeTakeFirstOrThrow();
}

function requireId(id: string): string {
  if (isStorable(id)) return id;
  throw notFound(id);
}

function notFound(id: string): Refusal {
  return new Refusal('VolumeTypeNotFound', `Volume type ${id} could not be found.`);
}

function alreadyExists(name: string): Refusal {
  return new Refusal('Conflict', `Volume Type ${name} already exists.`);
}

/** SQLSTATE unique_violation. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
