import { Context } from '@temporalio/activity';
import type { DeleteVolumeRequest } from '../src/domain/create-request';
import type { OfRun } from './accept-request';
import type { ControlHouse } from './house';
import { placementOn } from './schedule-volume';
import type { Placement } from './schedule-volume';

/** `→ deleting`. The answer says whether a create, a restore into it or its extension must be cancelled first. */
export function beginDeletion(house: ControlHouse) {
  return async ({ volumeId, runId, force }: DeleteVolumeRequest & OfRun): Promise<{ wasAtWork: boolean }> => {
    const { wasAtWork } = await house.catalog.beginDeletion(volumeId, runId, force);
    return { wasAtWork };
  };
}

/** Cancels the run that creates the volume, restores into it or extends it, and awaits its end, compensations included. */
export function cancelWork(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> =>
    house.runs.cancelWork(volumeId, Context.current().cancellationSignal);
}

/** Where data of the volume lies that must go, kept data included. */
export function locateVolume(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<{ sizeGib: number; placements: Placement[] }> => {
    const left = await house.catalog.dataLeftOf(volumeId);
    return { sizeGib: left[0]?.sizeGib ?? 0, placements: left.map(({ poolName }) => placementOn(house, poolName)) };
  };
}

/** `deleting → deleted`: the quota is given back. */
export function finishDeletion(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<void> => house.catalog.finishDeletion(volumeId);
}
