import type { CatalogReader } from '../catalog/catalog';
import type { Volume } from '../domain/volume';
import type { Reply } from './exchange';
import { notAccepted } from './not-accepted';
import type { Call } from './route';
import { NoAnswer } from '../runs/temporal-answers';
import type { VolumeWorkflows } from '../runs/volume-workflows';

interface DeletionParts {
  readonly catalog: CatalogReader;
  readonly workflows: VolumeWorkflows;
  /** Whatever its status. */
  readonly force: boolean;
}

/** Which statuses permit it, and what it does to a volume that is being made, is the workflow's to judge (H-57). */
export async function removeVolume(call: Call, { id, projectId }: Volume, parts: DeletionParts): Promise<Reply> {
  const { catalog, workflows, force } = parts;
  try {
    await workflows.remove({ volumeId: id, projectId, requestId: call.requestId, force });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    // Nothing is lost by asking twice, so there is no need to wait for certainty as with a create.
    const volume = await catalog.findVolume(id, { projectId });
    if (volume && volume.status !== 'deleting') throw notAccepted('deletion', error);
  }
  return { status: 202 };
}
