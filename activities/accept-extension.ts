import type { CompletedExtension, FailedExtension } from '../src/catalog/catalog';
import type { ExtendVolumeRequest } from '../src/domain/extension';
import { policyOf } from './accept-request';
import type { OfRun, RestorePolicy } from './accept-request';
import type { ControlHouse } from './house';
import { placementOn } from './schedule-volume';
import type { Placement } from './schedule-volume';

export interface AcceptedExtension {
  /** The size until now. */
  readonly sizeGib: number;
  /** Under which the volume is changed where it lies. */
  readonly epoch: number;
  /** Where the volume lies. */
  readonly placement: Placement;
  readonly policy: RestorePolicy;
}

/** Checks the request against fresh rows; volume `→ extending`, which takes the quota and the pool's room of the new size. */
export function acceptExtension(house: ControlHouse) {
  return async ({ runId, ...request }: ExtendVolumeRequest & OfRun): Promise<AcceptedExtension> => {
    const { reportMaxAgeMs } = house.settings;
    const { id, sizeGib, epoch, host } = await house.catalog.acceptExtension(request, { runId, reportMaxAgeMs });
    if (host === null) throw new Error(`Volume ${id} was to be extended and has no host`);
    return { sizeGib, epoch, placement: placementOn(house, host), policy: policyOf(house) };
  };
}

/** Compensation while nobody has been told of the acceptance: as though the request had never come. */
export function withdrawExtension(house: ControlHouse) {
  return async (failed: FailedExtension): Promise<void> => house.catalog.withdrawExtension(failed);
}

/** Compensation afterwards: volume `→ error_extending`, with a message that tells the user why; quota and room are given back. */
export function failExtension(house: ControlHouse) {
  return async (failed: FailedExtension): Promise<void> => house.catalog.failExtension(failed);
}

/** The point of no return: volume `→ available`, with its new size. */
export function completeExtension(house: ControlHouse) {
  return async (completed: CompletedExtension): Promise<void> => house.catalog.completeExtension(completed);
}
