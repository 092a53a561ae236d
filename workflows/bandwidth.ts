import { ApplicationFailure, CancellationScope, defineUpdate, setHandler } from '@temporalio/workflow';
import { controlSteps } from './steps';

export interface BandwidthLimit {
  /** What the copy may move; null: no limit. */
  readonly bytesPerSecond: number | null;
}

/**
 * An operator's command, also while the copy runs: `temporal workflow update execute --workflow-id create-volume-<id> --name limitBandwidth
 * --input '{"bytesPerSecond": 50000000}'`. Holds for later attempts too.
 */
export const limitBandwidthUpdate = defineUpdate<undefined, [BandwidthLimit]>('limitBandwidth');

export function obeyBandwidthLimits(volumeId: string): void {
  setHandler(
    limitBandwidthUpdate,
    async ({ bytesPerSecond }) => {
      await CancellationScope.nonCancellable(() => controlSteps().limitBandwidth({ volumeId, bytesPerSecond }));
      return undefined;
    },
    { validator: requireLimit, description: 'Limits what the copy may move: {"bytesPerSecond": 50000000}, or null.' },
  );
}

function requireLimit({ bytesPerSecond }: BandwidthLimit): void {
  if (bytesPerSecond === null || (Number.isSafeInteger(bytesPerSecond) && bytesPerSecond > 0)) return;
  throw ApplicationFailure.nonRetryable(
    `bytesPerSecond must be a whole number above zero, or null for no limit; it is ${String(bytesPerSecond)}`,
    'InvalidInput',
  );
}
