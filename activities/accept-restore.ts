import { Refusal } from '../src/domain/errors';
import type { CreateFailure } from '../src/domain/failure-reason';
import type { RestoreVolumeRequest } from '../src/domain/restore';
import { policyOf } from './accept-request';
import type { OfRun, RestorePolicy } from './accept-request';
import type { ControlHouse } from './house';
import { placementOn } from './schedule-volume';
import type { Placement } from './schedule-volume';

export interface AcceptedRestore {
  readonly sizeGib: number;
  readonly readBack: boolean;
  /** Where the volume lies. */
  readonly placement: Placement;
  readonly policy: RestorePolicy;
}

/**
 * Checks the request against fresh rows; volume `→ restoring-backup`, backup `→ restoring`, this volume its reader. A restore that failed
 * may be asked for again.
 */
export function acceptRestore(house: ControlHouse) {
  return async ({ runId, ...request }: RestoreVolumeRequest & OfRun): Promise<AcceptedRestore> => {
    const { sizeGib, readBack, host } = await house.catalog.acceptRestore(request, runId);
    if (host === null)
      throw new Refusal('InvalidVolume', `Invalid volume: Volume ${request.volumeId} lies on no pool.`);
    return { sizeGib, readBack, placement: placementOn(house, host), policy: policyOf(house) };
  };
}

export interface FailureOfRestore extends OfRun {
  readonly volumeId: string;
  readonly failure: CreateFailure;
}

/** Compensation while nobody has been told of the acceptance: as though the request had never come. */
export function withdrawRestore(house: ControlHouse) {
  return async (failed: FailureOfRestore): Promise<void> => house.catalog.withdrawRestore(failed);
}

/** Compensation afterwards: volume `→ error_restoring`, with a message that tells the user why; the backup is free, the data stays. */
export function failRestore(house: ControlHouse) {
  return async (failed: FailureOfRestore): Promise<void> => house.catalog.failRestore(failed);
}
