import { Context } from '@temporalio/activity';
import type { ControlHouse } from './house';
import { placementOn } from './schedule-volume';
import type { Placement } from './schedule-volume';

/** `→ deleting`. The answer says whether a create must be cancelled first. */
export function beginDeletion(house: ControlHouse) {
  return async ({ volumeId, force }: { volumeId: string; force?: boolean }): Promise<{ wasCreating: boolean }> => {
    const { wasCreating } = await house.catalog.beginDeletion(volumeId, force);
    return { wasCreating };
  };
}

/** Cancels the run that creates the volume and awaits its end, compensations included. */
export function cancelCreation(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> =>
    house.runs.cancelCreation(volumeId, Context.current().cancellationSignal);
}

/** Where the volume's data lies now; null if nowhere. */
export function locateVolume(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<{ placement: Placement | null; sizeGib: number }> => {
    const volume = await house.catalog.findVolume(volumeId, 'all-projects');
    const host = volume?.host ?? null;
    return { placement: host === null ? null : placementOn(house, host), sizeGib: volume?.sizeGib ?? 0 };
  };
}

/** `deleting → deleted`: the quota is given back. */
export function finishDeletion(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> => house.catalog.finishDeletion(volumeId);
}
