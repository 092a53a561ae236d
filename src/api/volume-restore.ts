import { volumeNotAvailable } from '../domain/restore';
import type { Volume } from '../domain/volume';
import { acceptedInTime } from './acceptance-in-time';
import type { AcceptanceParts } from './acceptance-in-time';
import type { Call } from './route';
import type { VolumeWorkflows } from '../runs/volume-workflows';

export interface RestoreParts extends AcceptanceParts {
  readonly workflows: VolumeWorkflows;
}

/** Has a backup restored into a volume that is there, and returns once that is accepted. @throws as `acceptedInTime` */
export function restoreInto(
  { requestId }: Call,
  { volume, backupId }: { readonly volume: Volume; readonly backupId: string },
  parts: RestoreParts,
): Promise<void> {
  const { id: volumeId, projectId } = volume;
  const { catalog, workflows } = parts;
  const question = {
    what: 'restore' as const,
    ask: (expiresAt: string) => workflows.restore({ volumeId, backupId, projectId, requestId, expiresAt }),
    isOurs: async () => (await catalog.findVolume(volumeId, { projectId }))?.restore?.requestId === requestId,
    underWay: volumeNotAvailable,
  };
  return acceptedInTime(question, parts);
}
