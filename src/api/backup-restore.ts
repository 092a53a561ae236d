import { z } from 'zod';
import type { CatalogEdits } from '../catalog/catalog';
import type { Backup } from '../domain/backup';
import { backupNotAvailable } from '../domain/acceptance';
import { Refusal } from '../domain/errors';
import { backupNotRestorable, volumeNotAvailable } from '../domain/restore';
import { RESTORE_DESCRIPTION, RESTORE_NAME_PREFIX } from '../domain/restored-volume';
import type { Volume } from '../domain/volume';
import { findVisibleBackup } from './backups';
import { validated } from './body';
import { one } from './contract';
import type { Contract } from './contract';
import type { Reply } from './exchange';
import { problemOf, Problem } from './problems';
import type { Call, Route } from './route';
import { closedObject, optionalText, optionalUuid } from './schema-words';
import { createVolume } from './volume-creation';
import { restoreInto } from './volume-restore';
import type { RestoreParts as IntoVolume } from './volume-restore';
import { findVisibleVolume } from './volumes';

interface RestoreParts extends IntoVolume {
  readonly catalog: IntoVolume['catalog'] & CatalogEdits;
}

/** H-72 to H-74. */
export function backupRestoreRoutes(parts: RestoreParts): Route[] {
  return [{ method: 'post', path: '/backups/:id/restore', contract: CONTRACT, handle: (call) => restore(call, parts) }];
}

const RESTORE = closedObject({
  restore: closedObject({ name: optionalText(), volume_id: optionalUuid }).nullable(),
});

const RESTORED = z.strictObject({ backup_id: z.string(), volume_id: z.string(), volume_name: z.string() });
const CONTRACT: Contract = { body: RESTORE, gives: { 202: one('restore', RESTORED) }, refuses: [409, 413] };

/**
 * Answers once the restore is accepted; Cinder, where it has to make the volume first, only once that is there (H-74).
 * `null` is what `{}` is (H-72).
 */
async function restore(call: Call, parts: RestoreParts): Promise<Reply> {
  const { volume_id: volumeId, name } = validated(RESTORE, call.body).restore ?? {};
  const backup = await findVisibleBackup(call, parts.catalog);
  const volume = volumeId
    ? await overwrite({ ...call, id: volumeId }, backup, parts)
    : await restoreToNew(call, { backup, name: name ?? null }, parts);
  // Its clients' schemas want a text, also of a volume without a name.
  const summary = { backup_id: backup.id, volume_id: volume.id, volume_name: volume.name ?? '' };
  return { status: 202, body: { restore: summary } };
}

/** @param call whose id is the volume's */
async function overwrite(call: Call, backup: Backup, parts: RestoreParts): Promise<Volume> {
  // The backup is judged before the volume is looked for (H-73): what follows is the workflow's order too.
  if (backup.status !== 'available' && backup.status !== 'restoring') throw backupNotRestorable();
  const volume = await findVisibleVolume(call, parts.catalog);
  if (volume.status === 'restoring-backup') {
    throw backup.status === 'available' ? volumeNotAvailable() : backupNotRestorable();
  }
  await restoreInto(call, { volume, backupId: backup.id }, parts);
  return volume;
}

interface RestoreToNew {
  readonly backup: Backup;
  readonly name: string | null;
}

/** H-74. It is `creating` until its data is complete: never, as with Cinder, `available` and empty in between. */
async function restoreToNew(call: Call, { backup, name }: RestoreToNew, parts: RestoreParts): Promise<Volume> {
  const asked = {
    name: name ?? `${RESTORE_NAME_PREFIX}${backup.id}`,
    description: RESTORE_DESCRIPTION,
    sizeGib: backup.sizeGib,
    volumeType: null,
    availabilityZone: null,
    metadata: {},
    backupId: backup.id,
    readBack: false,
  };
  try {
    return await createVolume(call, asked, parts);
  } catch (error) {
    throw error instanceof Refusal ? inWordsOfRestore(error) : error;
  }
}

/** Where Cinder's texts differ from those of a create (H-73). */
function inWordsOfRestore(refusal: Refusal): Refusal | Problem {
  if (refusal.message === backupNotAvailable().message) return backupNotRestorable();
  if (refusal.code !== 'VolumeSizeExceedsAvailableQuota' && refusal.code !== 'VolumeLimitExceeded') return refusal;
  return new Problem(problemOf(refusal).status, refusal.message.replace(/^\w+: /, ''), { cause: refusal });
}
