import type { CatalogReader } from '../catalog/catalog';
import { Refusal } from '../domain/errors';
import { volumeNotAvailable } from '../domain/restore';
import type { Volume } from '../domain/volume';
import { notAccepted } from './not-accepted';
import type { Call } from './route';
import { deadlineIn, silenceOf } from './volume-creation';
import type { VolumeWorkflows } from './volume-workflows';

export interface RestoreParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  readonly acceptTimeoutMs: number;
}

/**
 * Has a backup restored into a volume that is there, and returns once that is accepted. Whether it may be is the workflow's to judge.
 * @throws Refusal; Problem 503 when it is certain that the request wasn't accepted and never will be
 */
export async function restoreInto(
  { requestId }: Call,
  { volume, backupId }: { readonly volume: Volume; readonly backupId: string },
  { catalog, workflows, acceptTimeoutMs }: RestoreParts,
): Promise<void> {
  const { id: volumeId, projectId } = volume;
  const { expiresAt, settled } = await deadlineIn(acceptTimeoutMs, catalog);
  const isOurs = async () => (await catalog.findVolume(volumeId, { projectId }))?.restore?.requestId === requestId;
  try {
    const silence = await silenceOf(workflows.restore({ volumeId, backupId, projectId, requestId, expiresAt }));
    if (!silence || (await isOurs())) return;
    await settled();
    if (!(await isOurs())) throw notAccepted('restore', silence);
  } catch (error) {
    // A run goes on: somebody else's, or our own, whose answer was lost.
    if (!(error instanceof Refusal) || error.code !== 'Conflict') throw error;
    if (!(await isOurs())) throw volumeNotAvailable();
  }
}
