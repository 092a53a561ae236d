import type { CatalogEdits, CatalogReader } from '../catalog/catalog';
import type { Backup } from '../domain/backup';
import type { Reply } from './exchange';
import { notAccepted } from './not-accepted';
import type { Call } from './route';
import { NoAnswer } from '../runs/temporal-answers';
import type { VolumeWorkflows } from '../runs/volume-workflows';

export interface BackupDeletionParts {
  readonly catalog: CatalogReader & CatalogEdits;
  readonly workflows: VolumeWorkflows;
  /** Whether what lies in the repository goes too: then a workflow does it. */
  readonly deleteBackupObjects: boolean;
}

/** H-69; by force whatever its status (H-70). */
export async function removeBackup(
  { requestId }: Call,
  { id, projectId }: Backup,
  { catalog, workflows, deleteBackupObjects, force }: BackupDeletionParts & { readonly force: boolean },
): Promise<Reply> {
  if (!deleteBackupObjects) {
    await catalog.deleteBackup(id, force);
    return { status: 202 };
  }
  try {
    await workflows.removeBackup({ backupId: id, projectId, requestId, force });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // Nothing is lost by asking twice.
    const backup = await catalog.findBackup(id, { projectId });
    if (backup && backup.status !== 'deleting') throw notAccepted('deletion', error);
  }
  return { status: 202 };
}
