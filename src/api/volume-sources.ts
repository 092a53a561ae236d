import type { CatalogReader } from '../catalog/catalog';
import { visibleTo } from './caller';
import { badRequest, notFound } from './problems';
import type { Call } from './route';

/** What a new volume may be made of in Cinder besides a backup: ids as they came. */
export interface ForeignSources {
  readonly snapshot_id?: unknown;
  readonly source_volid?: unknown;
  readonly imageRef?: unknown;
  readonly image_id?: unknown;
  readonly consistencygroup_id?: unknown;
  readonly group_id?: unknown;
}

export function namesForeignSource(sources: ForeignSources): boolean {
  return [...sourcesOf(sources), sources.consistencygroup_id, sources.group_id].some(isGiven);
}

/**
 * S-4, and the sources that exist elsewhere only. A volume that isn't there is not found, as in Cinder, which looks its sources up
 * before anything else (H-36); there are no snapshots, images and groups that could be looked up.
 * @throws Problem 404, 400
 */
export async function refuseForeignSources(
  { caller }: Call,
  { sources, backupId }: { readonly sources: ForeignSources; readonly backupId: string | null },
  catalog: CatalogReader,
): Promise<void> {
  const { source_volid: volumeId } = sources;
  if (typeof volumeId === 'string' && !(await catalog.findVolume(volumeId, visibleTo(caller)))) {
    throw notFound('Volume', volumeId);
  }
  if ([...sourcesOf(sources), backupId].filter(isGiven).length > 1) {
    throw badRequest('Invalid input received: May specify only one of backup, imageRef, snapshot, source volume');
  }
  if (!namesForeignSource(sources)) return;
  throw badRequest(
    'Invalid input received: This service creates volumes from backups, and empty ones. ' +
      'It knows no snapshots, images, source volumes or groups.',
  );
}

function sourcesOf({ snapshot_id, source_volid, imageRef, image_id }: ForeignSources): unknown[] {
  return [snapshot_id, source_volid, imageRef ?? image_id];
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}
