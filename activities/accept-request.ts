import type { CreateVolumeRequest } from '../src/domain/create-request';
import { explain } from '../src/domain/failure-reason';
import type { CreateFailure } from '../src/domain/failure-reason';
import type { ControlHouse } from './house';

/** The configuration that the run goes by, written into its history with its first step. */
export interface RestorePolicy {
  readonly giveUpAfterMs: number;
  readonly heartbeatTimeoutMs: number;
  /** The first pause between two attempts of a copy; it doubles, up to five times as much. */
  readonly retryAfterMs: number;
  /** How long what a failed create leaves on its pool is kept for a retry. */
  readonly retryGraceMs: number;
}

export interface AcceptedRequest {
  readonly volumeId: string;
  readonly sizeGib: number;
  /** An earlier run of this volume failed: there may be data of it. */
  readonly isRetry: boolean;
  readonly policy: RestorePolicy;
}

/** Of which run a step is. One that an earlier run left behind, and that comes late, changes nothing. */
export interface OfRun {
  readonly runId: string;
}

/**
 * Checks the request against fresh rows and writes the volume row, which takes the quota. To a new run of a volume that failed:
 * `error → creating`, and no quota is taken again.
 */
export function acceptRequest(house: ControlHouse) {
  return async ({ runId, ...request }: CreateVolumeRequest & OfRun): Promise<AcceptedRequest> => {
    const { id, sizeGib, runs } = await house.catalog.acceptVolume(request, house.settings.defaults, runId);
    return { volumeId: id, sizeGib, isRetry: runs > 1, policy: policyOf(house) };
  };
}

export function policyOf({ settings }: Pick<ControlHouse, 'settings'>): RestorePolicy {
  const { giveUpAfterMs, heartbeatTimeoutMs, retryAfterMs, retryGraceMs } = settings;
  return { giveUpAfterMs, heartbeatTimeoutMs, retryAfterMs, retryGraceMs };
}

export interface Withdrawal extends OfRun {
  readonly volumeId: string;
  readonly expiresAt: string;
  readonly failure: CreateFailure;
}

/** Compensation while nobody has been told of the acceptance: as though the request had never come. */
export function withdrawRequest(house: ControlHouse) {
  return async ({ volumeId, expiresAt, failure, runId }: Withdrawal): Promise<void> => {
    const withdrawn = await house.catalog.withdrawVolume({ volumeId, expiresAt, runId });
    // Too late: the API may have seen the row and answered 202. An accepted request ends in `error`, it doesn't vanish.
    if (!withdrawn) await house.catalog.failVolume({ volumeId, reason: explain(failure), runId });
  };
}

export interface FailedCreate extends OfRun {
  readonly volumeId: string;
  readonly failure: CreateFailure;
}

/** Compensation afterwards: `creating → error`, with a message that tells the user why. */
export function failVolume(house: ControlHouse) {
  return async ({ volumeId, failure, runId }: FailedCreate): Promise<void> => {
    await house.catalog.failVolume({ volumeId, reason: explain(failure), runId });
  };
}
