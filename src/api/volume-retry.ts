import type { CatalogReader } from '../catalog/catalog';
import { requireRetryable, retryRequestOf } from '../domain/retry';
import type { Volume } from '../domain/volume';
import { validated } from './body';
import type { Reply } from './exchange';
import { notAccepted } from './not-accepted';
import type { Call } from './route';
import { openObject, optionalObject } from './schema-words';
import { restoreInto } from './volume-restore';
import { NoAnswer } from '../runs/temporal-answers';
import type { VolumeWorkflows } from '../runs/volume-workflows';
import { findVisibleVolume } from './volumes';

interface RetryParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

export const RETRY = openObject({ 'rekindle-retry': optionalObject });

/**
 * Ours, not Cinder's: has a volume made after all whose creation failed, or the restore into it, going on where it was. Answers once the retry is accepted.
 * What may be retried is judged again by the workflow, on locked rows.
 */
export async function retryVolume(call: Call, parts: RetryParts): Promise<Reply> {
  validated(RETRY, call.body);
  const volume = await findVisibleVolume(call, parts.catalog);
  const isOfRestore = volume.status === 'error_restoring' || volume.status === 'restoring-backup';
  if (!isOfRestore || !volume.restore) return retryCreation(volume, parts);
  await restoreInto(call, { volume, backupId: volume.restore.backupId }, parts);
  return { status: 202 };
}

async function retryCreation(volume: Volume, { catalog, workflows }: RetryParts): Promise<Reply> {
  const request = retryRequestOf(volume, requireRetryable(volume));
  try {
    await workflows.retry(request);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // Nothing is lost by asking twice: one that is under way is answered by 409.
    const after = await catalog.findVolume(volume.id, { projectId: volume.projectId });
    if (after?.status !== 'creating' || volume.status === 'creating') throw notAccepted('retry', error);
  }
  return { status: 202 };
}
