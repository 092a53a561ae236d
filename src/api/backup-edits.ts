import type { z } from 'zod';
import type { BackupEdit } from '../catalog/catalog';
import { actionContract, actionOf } from './action';
import type { Actions } from './action';
import { removeBackup } from './backup-deletion';
import type { BackupDeletionParts } from './backup-deletion';
import { findVisibleBackup } from './backups';
import { validated } from './body';
import { requireAdmin, visibleTo } from './caller';
import { one } from './contract';
import type { Reply } from './exchange';
import { optionalMetadata, requiredMetadata } from './metadata-words';
import { SINCE } from './microversions';
import type { Microversion } from './microversions';
import { badRequest, notFound } from './problems';
import type { Call, Route } from './route';
import {
  closedObject,
  openObject,
  optionalObject,
  optionalText,
  optionalUuid,
  requiredBoolean,
  requiredText,
  requiredUuid,
} from './schema-words';
import { BACKUP_SUMMARY, backupSummary } from './views/backup-view';
import { known } from './volume-status-reset';

type BackupParts = BackupDeletionParts;

/** H-67 to H-70: what may be done to a backup's record. */
export function backupEditRoutes(parts: BackupParts): Route[] {
  return [
    {
      method: 'post',
      path: '/backups',
      contract: { body: CREATE_WITH_ZONE, gives: {} },
      handle: (call) => refuseCreation(call, parts),
    },
    {
      method: 'put',
      path: '/backups/:id',
      contract: { body: UPDATE_WITH_METADATA, gives: { 200: one('backup', BACKUP_SUMMARY) } },
      since: SINCE.backupUpdate,
      handle: (call) => update(call, parts),
    },
    {
      method: 'delete',
      path: '/backups/:id',
      contract: { gives: { 202: null } },
      handle: (call) => remove(call, parts),
    },
    {
      method: 'post',
      path: '/backups/:id/action',
      contract: actionContract(ACTIONS, { bodies: BODIES, gives: { 202: null } }),
      handle: (call) => actionOf(call.body, ACTIONS)(call, parts),
    },
  ];
}

/** Cinder api/schemas/backups.py, create. The order is the one in which faults are reported. */
const NEW_BACKUP = {
  volume_id: requiredUuid,
  container: optionalText(),
  description: optionalText(),
  incremental: requiredBoolean.optional(),
  force: requiredBoolean.optional(),
  name: optionalText(),
  snapshot_id: optionalUuid,
};
const METADATA = { metadata: optionalMetadata };
const ZONE = { availability_zone: optionalText({ min: 1 }) };

const create = <Fields extends z.ZodRawShape>(fields: Fields) => closedObject({ backup: closedObject(fields) });
const CREATE = create(NEW_BACKUP);
const CREATE_WITH_METADATA = create({ ...NEW_BACKUP, ...METADATA });
const CREATE_WITH_ZONE = create({ ...NEW_BACKUP, ...METADATA, ...ZONE });

function newBackupSchema(version: Microversion): z.ZodType<{ readonly backup: { readonly volume_id: string } }> {
  if (version >= SINCE.backupZone) return CREATE_WITH_ZONE;
  return version >= SINCE.backupMetadata ? CREATE_WITH_METADATA : CREATE;
}

/** H-68 is outside this product: what is wrong with the request is said first, as by Cinder. */
async function refuseCreation(call: Call, { catalog }: BackupParts): Promise<never> {
  const { volume_id: volumeId } = validated(newBackupSchema(call.version), call.body).backup;
  const volume = await catalog.findVolume(volumeId, visibleTo(call.caller));
  if (!volume) throw notFound('Volume', volumeId);
  throw badRequest(
    'Invalid input received: This service makes volumes of backups, not backups of volumes. ' +
      'Import the record of a backup that Cinder made.',
  );
}

const FIELDS = { name: optionalText(), description: optionalText() };
const UPDATE = closedObject({ backup: closedObject(FIELDS).nullable() });
const UPDATE_WITH_METADATA = closedObject({
  backup: closedObject({ ...FIELDS, metadata: requiredMetadata.optional() }).nullable(),
});

/** H-67: what is named is changed, nothing is too little. */
async function update(call: Call, { catalog }: BackupParts): Promise<Reply> {
  const schema = call.version >= SINCE.backupMetadata ? UPDATE_WITH_METADATA : UPDATE;
  const asked: BackupEdit = withoutAbsent(validated(schema, call.body).backup ?? {});
  const { id } = await findVisibleBackup(call, catalog);
  return { status: 200, body: { backup: backupSummary(call, await catalog.editBackup(id, asked)) } };
}

interface AskedEdit {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

function withoutAbsent({ name, description, metadata }: AskedEdit): BackupEdit {
  return {
    ...(name === undefined ? {} : { name: name && name.trim() }),
    ...(description === undefined ? {} : { description: description && description.trim() }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function remove(call: Call, parts: BackupParts): Promise<Reply> {
  return removeBackup(call, await findVisibleBackup(call, parts.catalog), { ...parts, force: false });
}

const ACTIONS: Actions<BackupParts> = { 'os-reset_status': resetStatus, 'os-force_delete': forceDelete };

const FORCE_DELETE = openObject({ 'os-force_delete': optionalObject });

/** H-70. */
async function forceDelete(call: Call, parts: BackupParts): Promise<Reply> {
  validated(FORCE_DELETE, call.body);
  const backup = await findVisibleBackup(call, parts.catalog);
  requireAdmin(call.caller, 'volume_extension:backup_admin_actions:force_delete');
  return removeBackup(call, backup, { ...parts, force: true });
}

const RESET = openObject({ 'os-reset_status': closedObject({ status: requiredText({}) }) });
const STATUSES = ['available', 'error'] as const;

/** H-70. */
async function resetStatus(call: Call, { catalog }: BackupParts): Promise<Reply> {
  const asked = validated(RESET, call.body)['os-reset_status'].status;
  const status = known(asked, { what: 'Backup status', words: STATUSES, brackets: '[]' });
  if (status === undefined) throw badRequest("Backup status:  is invalid, valid statuses are: ['available', 'error'].");
  const { id } = await findVisibleBackup(call, catalog);
  requireAdmin(call.caller, 'volume_extension:backup_admin_actions:reset_status');
  await catalog.resetBackup(id, status);
  return { status: 202 };
}

const BODIES = { 'os-reset_status': RESET, 'os-force_delete': FORCE_DELETE };
