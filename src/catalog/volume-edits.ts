import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import { lockLive } from './attachments';
import type { MetadataEdit, VolumeEdit } from './catalog';
import { currentTime, requireStorable } from './database';
import type { Database } from './database';
import { rereadVolume } from './volumes';

/** See `CatalogEdits.editVolume`. One statement, so that two edits at once both count. */
export async function editVolume(db: Database, volumeId: string, edit: VolumeEdit): Promise<Volume> {
  requireStorable([volumeId, edit]);
  const { metadata, imageMetadata, ...fields } = edit;
  const { numUpdatedRows } = await db
    .updateTable('volumes')
    .set({
      ...fields,
      ...(metadata && { metadata: edited('metadata', metadata) }),
      ...(imageMetadata && { image_metadata: edited('image_metadata', imageMetadata) }),
      updated_at: currentTime,
    })
    .where('id', '=', volumeId)
    .where('status', '<>', 'deleted')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new Refusal('VolumeNotFound', `Volume ${volumeId} could not be found.`);
  return rereadVolume(db, volumeId);
}

/** In a transaction. See `CatalogEdits.setReadOnly`. */
export async function setReadOnly(db: Database, volumeId: string, readOnly: boolean): Promise<void> {
  const { status } = await lockLive(db, volumeId);
  if (status !== 'available') {
    throw new Refusal(
      'InvalidVolume',
      `Invalid volume: Volume ${volumeId} status must be available to update readonly flag, but current status is: ${status}.`,
    );
  }
  await db
    .updateTable('volumes')
    .set({ read_only: readOnly, updated_at: currentTime })
    .where('id', '=', volumeId)
    .execute();
}

/** A column of metadata after the edit. */
export function edited(
  column: 'metadata' | 'image_metadata' | 'extra_specs',
  { set = {}, replace = false, remove }: MetadataEdit,
): RawBuilder<string> {
  const base = replace ? sql`'{}'::jsonb` : sql.ref(column);
  const kept = remove === undefined ? base : sql`${base} - ${remove}::text`;
  return sql<string>`(${kept}) || ${JSON.stringify(set)}::jsonb`;
}
