import type { BackupEdit } from '../catalog/catalog';
import { actionOf } from './action';
import type { Actions } from './action';
import { removeBackup } from './backup-deletion';
import type { BackupDeletionParts } from './backup-deletion';
import { findVisibleBackup } from './backups';
import { validated } from './body';
import { requireAdmin } from './caller';
import type { Reply } from './exchange';
import { requiredMetadata } from './metadata-words';
import { SINCE } from './microversions';
import { badRequest } from './problems';
import type { Call, Route } from './route';
import { closedObject, openObject, optionalObject, optionalText, requiredText } from './schema-words';
import { backupSummary } from './views/backup-view';
import { known } from './volume-status-reset';

type BackupParts = BackupDeletionParts;

/** H-67 to H-70: what may be done to a backup's record. */
export function backupEditRoutes(parts: BackupParts): Route[] {
  return [
    { method: 'post', path: '/backups', handle: refuseCreation },
    { method: 'put', path: '/backups/:id', since: SINCE.backupUpdate, handle: (call) => update(call, parts) },
    { method: 'delete', path: '/backups/:id', handle: (call) => remove(call, parts) },
    { method: 'post', path: '/backups/:id/action', handle: (call) => actionOf(call.body, ACTIONS)(call, parts) },
  ];
}

/** H-68 is outside this product. */
async function refuseCreation(): Promise<never> {
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

/** H-70. */
async function forceDelete(call: Call, parts: BackupParts): Promise<Reply> {
  validated(openObject({ 'os-force_delete': optionalObject }), call.body);
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
