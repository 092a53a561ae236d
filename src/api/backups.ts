import { z } from 'zod';
import type { BackupFilter, CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Backup } from '../domain/backup';
import { decodeRecord, encodeRecord } from './backup-record';
import { validated } from './body';
import { requireAdmin, visibleTo } from './caller';
import { listing, many, one } from './contract';
import type { Reply } from './exchange';
import { readFilters } from './filters';
import type { FilterReaders } from './filters';
import { listReply, listVisibility, readPaging } from './listing';
import { SINCE } from './microversions';
import { badRequest, notFound } from './problems';
import type { Call, Route } from './route';
import { closedObject, requiredText } from './schema-words';
import { BACKUP, BACKUP_SUMMARY, backupSummary, backupView } from './views/backup-view';

interface BackupParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly availabilityZone: string;
}

/** H-65, H-75 to H-78. */
export function backupRoutes(parts: BackupParts): Route[] {
  const { catalog } = parts;
  return [
    {
      method: 'get',
      path: '/backups',
      contract: listing(many('backups', BACKUP_SUMMARY), FILTERS),
      handle: (call) => list(call, catalog, 'backups'),
    },
    {
      method: 'get',
      path: '/backups/detail',
      contract: listing(many('backups', BACKUP), FILTERS),
      handle: (call) => list(call, catalog, 'backups/detail'),
    },
    {
      method: 'post',
      path: '/backups/import_record',
      contract: { body: IMPORT, gives: { 201: one('backup', BACKUP_SUMMARY) }, refuses: [409] },
      handle: (call) => importRecord(call, parts),
    },
    {
      method: 'get',
      path: '/backups/:id',
      contract: { gives: { 200: one('backup', BACKUP) } },
      handle: (call) => show(call, catalog),
    },
    {
      method: 'get',
      path: '/backups/:id/export_record',
      contract: { gives: { 200: one('backup-record', RECORD) } },
      handle: (call) => exportRecord(call, catalog),
    },
  ];
}

const BACKUP_FILTERS: FilterReaders<BackupFilter> = {
  name: (name) => ({ name }),
  status: (status) => ({ status }),
  volume_id: (volumeId) => ({ volumeId }),
};

const LIKE_FILTERS: FilterReaders<BackupFilter> = {
  ...BACKUP_FILTERS,
  'name~': (nameContains) => ({ nameContains }),
};

const FILTERS = Object.keys(LIKE_FILTERS);

async function list(call: Call, catalog: CatalogReader, collection: 'backups' | 'backups/detail'): Promise<Reply> {
  const paging = readPaging(call);
  const visibility = listVisibility(call);
  const filter = readFilters(call, call.version >= SINCE.likeFilter ? LIKE_FILTERS : BACKUP_FILTERS);
  const listed = filter ? await catalog.listBackups({ ...paging, visibility, filter }) : { rows: [], total: 0 };
  const view = collection === 'backups' ? backupSummary : backupView;
  return listReply(call, listed, { name: 'backups', collection, view: (backup) => view(call, backup) });
}

async function show(call: Call, catalog: CatalogReader): Promise<Reply> {
  const backup = await findVisibleBackup(call, catalog);
  return { status: 200, body: { backup: backupView(call, backup) } };
}

/** @throws Problem 404 */
export async function findVisibleBackup({ id, caller }: Call, catalog: CatalogReader): Promise<Backup> {
  const backup = await catalog.findBackup(id, visibleTo(caller));
  if (!backup) throw notFound('Backup', id);
  return backup;
}

async function exportRecord(call: Call, catalog: CatalogReader): Promise<Reply> {
  const backup = await findVisibleBackup(call, catalog);
  requireAdmin(call.caller, 'backup:export-import');
  if (backup.status !== 'available') {
    throw badRequest(`Invalid backup: Backup status must be available and not ${backup.status}.`);
  }
  const record = { backup_service: backup.service, backup_url: encodeRecord(backup) };
  return { status: 200, body: { 'backup-record': record } };
}

const RECORD = z.strictObject({ backup_service: z.string(), backup_url: z.string() });

const IMPORT = closedObject({
  'backup-record': closedObject({
    backup_service: requiredText({ max: 255 }),
    backup_url: requiredText({ min: 1 }),
  }),
});

/**
 * Cinder answers with an empty row and has a backup service fill it (H-76); here the row is written whole, and what is
 * wrong with the record is said at once. As in Cinder nothing of the repository is read.
 */
async function importRecord(call: Call, { catalog, availabilityZone }: BackupParts): Promise<Reply> {
  requireAdmin(call.caller, 'backup:backup-import');
  const { backup_service: service, backup_url: url } = validated(IMPORT, call.body)['backup-record'];
  const { projectId, userId } = call.caller;
  const { backup: recorded } = decodeRecord(url);
  const backup = await catalog.importBackup({
    ...recorded,
    projectId,
    userId,
    service,
    availabilityZone,
    host: null,
    createdAt: recorded.createdAt ?? (await catalog.now()),
  });
  return { status: 201, body: { backup: backupSummary(call, backup) } };
}
