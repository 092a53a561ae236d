import type { Backup } from '../domain/backup';
import type { IdPage, UnsettledVolume } from './catalog';
import type { Database } from './database';
import { selectBackups, selectVolumes } from './rows';

/** Statuses that only a workflow ends. */
const UNSETTLED = ['creating', 'restoring-backup', 'extending', 'deleting'] as const;

/** See `Catalog.listUnsettled`. */
export async function listUnsettled(db: Database, { after, limit }: IdPage): Promise<readonly UnsettledVolume[]> {
  const rows = await selectVolumes(db)
    .select('volumes.run_ids as runIds')
    .where('volumes.status', 'in', UNSETTLED)
    .where('volumes.id', '>', after)
    .orderBy('volumes.id')
    .limit(limit)
    .execute();
  return rows.map(({ runIds, ...volume }) => ({ volume, runId: runIds.at(-1) ?? '' }));
}

/** See `Catalog.listUnsettledBackups`. A backup that is `restoring` is its volume's matter. */
export async function listUnsettledBackups(db: Database, { after, limit }: IdPage): Promise<readonly Backup[]> {
  return selectBackups(db)
    .where('backups.status', '=', 'deleting')
    .where('backups.id', '>', after)
    .orderBy('backups.id')
    .limit(limit)
    .execute();
}
