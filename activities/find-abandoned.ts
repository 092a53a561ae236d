import type { CreateFailure } from '../src/domain/failure-reason';
import { abandonedCreate } from '../src/domain/abandoned';
import type { UnsettledVolume } from '../src/catalog/catalog';
import type { ControlHouse } from './house';

/** A volume whose workflow is gone, and how it is brought to its right end. */
export type Abandoned = { readonly volumeId: string } & (
  | { readonly end: 'fail'; readonly runId: string; readonly failure: CreateFailure; readonly keepMs: number }
  | { readonly end: 'resume' }
  | { readonly end: 'delete' }
);

/** So many a time; the next time is soon. */
const MOST = 100;
/** Questions to Temporal at a time. */
const SIDE_BY_SIDE = 8;

/**
 * Volumes that are `creating` or `deleting`, and no workflow is at work on them: it was terminated, or Temporal has lost it. Reads
 * only.
 */
export function findAbandoned(house: ControlHouse) {
  return async (): Promise<Abandoned[]> => {
    const queue = [...(await house.catalog.listUnsettled(MOST))];
    const found: Abandoned[] = [];
    const look = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const abandoned = await judge(house, next);
        if (abandoned) found.push(abandoned);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, look));
    return found;
  };
}

async function judge(house: ControlHouse, { volume, runId }: UnsettledVolume): Promise<Abandoned | null> {
  const { id: volumeId, status, backupId } = volume;
  const isCreating = status === 'creating';
  const run = await house.runs.stateOf(volumeId, isCreating ? 'create' : 'delete');
  if (run === 'running') return null;
  if (!isCreating) return { volumeId, end: 'delete' };
  if (run === 'unknown' && backupId !== null) return { volumeId, end: 'resume' };
  const failure = abandonedCreate(run, backupId !== null);
  return { volumeId, end: 'fail', runId, failure, keepMs: backupId === null ? 0 : house.settings.retryGraceMs };
}

/**
 * Begins a run that goes on with the volume, since Temporal knows of none. Nothing to do where one runs meanwhile; one that is refused
 * brings the volume to its end itself.
 */
export function resumeCreation(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> => {
    const volume = await house.catalog.findVolume(volumeId, 'all-projects');
    if (volume?.status === 'creating') await house.runs.resumeCreation(volume);
  };
}

/** The same for a volume that is `deleting`. */
export function resumeDeletion(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> => {
    const volume = await house.catalog.findVolume(volumeId, 'all-projects');
    if (volume?.status === 'deleting') await house.runs.resumeDeletion(volume);
  };
}
