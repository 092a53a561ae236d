import type { UpdateObject } from 'kysely';
import { BACKUP_MOVES, VOLUME_MOVES } from '../domain/moves';
import type { BackupMove, VolumeMove } from '../domain/moves';
import type { VolumeStatus } from '../domain/volume';
import { currentTime } from './database';
import type { Database } from './database';
import type { Schema } from './schema';

/** What else changes together with a volume's status. */
export type VolumeChanges = Omit<UpdateObject<Schema, 'volumes'>, 'status'>;

/**
 * Compare-and-set: the only place that changes a volume's status.
 * @returns whether this call made the move; false leaves the row as it was.
 */
export async function moveVolume(
  db: Database,
  id: string,
  { move, changes = {} }: { readonly move: VolumeMove; readonly changes?: VolumeChanges },
): Promise<boolean> {
  const { from, to } = VOLUME_MOVES[move];
  const result = await db
    .updateTable('volumes')
    .set({ ...changes, status: to, updated_at: currentTime })
    .where('id', '=', id)
    .where('status', 'in', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** An administrator's word (`domain/status-reset.ts`), on a row that is locked. No move: what it was doesn't matter. */
export async function setVolumeStatus(
  db: Database,
  id: string,
  { status, attachment }: { readonly status: VolumeStatus; readonly attachment?: null },
): Promise<void> {
  await db
    .updateTable('volumes')
    .set({ status, ...(attachment === undefined ? {} : { attachment }), updated_at: currentTime })
    .where('id', '=', id)
    .execute();
}

/** Compare-and-set of a backup's status. */
export async function moveBackup(db: Database, id: string, move: BackupMove): Promise<boolean> {
  const { from, to } = BACKUP_MOVES[move];
  const result = await db
    .updateTable('backups')
    .set({ status: to, updated_at: currentTime })
    .where('id', '=', id)
    .where('status', 'in', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
