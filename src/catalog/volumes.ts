import type { Volume } from '../domain/volume';
import type { Visibility } from './catalog';
import { isStorable } from './database';
import type { Database } from './database';
import { selectVolumes } from './rows';

export async function findVolume(db: Database, id: string, visibility: Visibility): Promise<Volume | null> {
  if (!isStorable(id)) return null;
  let query = selectVolumes(db).where('volumes.id', '=', id).where('volumes.status', '<>', 'deleted');
  if (visibility !== 'all-projects') query = query.where('volumes.project_id', '=', visibility.projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** The row whatever its status: the record outlives deletion. */
export async function readVolume(db: Database, id: string): Promise<Volume | null> {
  return (await selectVolumes(db).where('volumes.id', '=', id).executeTakeFirst()) ?? null;
}

/** The row after a change of one's own: it is there. */
export async function rereadVolume(db: Database, id: string): Promise<Volume> {
  return selectVolumes(db).where('volumes.id', '=', id).executeTakeFirstOrThrow();
}

/** The row, which nobody else changes until the transaction ends. */
export async function lockVolume(db: Database, id: string): Promise<Volume | null> {
  const query = selectVolumes(db).where('volumes.id', '=', id).forUpdate('volumes');
  return (await query.executeTakeFirst()) ?? null;
}
