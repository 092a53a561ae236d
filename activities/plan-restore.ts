import { Context } from '@temporalio/activity';
import type { PlannedRestore } from '../src/domain/explanation';
import type { MeasuredCopies } from '../src/domain/measured-copy';
import type { Progress } from '../src/domain/progress';
import type { PlannedMove } from '../src/mover/mover';
import type { DataHouse } from './house';

/** Which restore is in question. */
export interface RestoreToPlan {
  /** Of no volume that is there. */
  readonly volumeId: string;
  readonly backupId: string;
  readonly sizeGib: number;
  /** null: no pool takes the volume. */
  readonly poolName: string | null;
  /** Whether what was written would be read back, also where the configuration doesn't ask for it. */
  readonly readBack: boolean;
  /** Who asks waits no longer. */
  readonly withinMs: number;
}

export type PlannedInTime = PlannedRestore | { readonly kind: 'unknown'; readonly reason: string };

/**
 * What `createFromBackup` and `restoreBackup` would do, by the mover's own plan, and what the last such copies took. Changes nothing.
 * That there is no time for it is a value.
 */
export function planRestore(house: DataHouse) {
  return async (input: RestoreToPlan): Promise<PlannedInTime> => {
    const { volumeId, backupId, sizeGib, poolName, withinMs } = input;
    const chain = await house.catalog.backupChain(backupId);
    const volume = poolName === null ? null : { id: volumeId, sizeGib, poolName };
    const timeIsUp = AbortSignal.timeout(withinMs);
    const signal = AbortSignal.any([Context.current().cancellationSignal, timeIsUp]);
    const seen = { waits: false };
    const onProgress = ({ phase }: Progress): void => {
      seen.waits = phase === 'wait';
    };
    try {
      const planned = await house.movers.planRestore({ volume, sizeGib, chain }, { signal, onProgress });
      return { ...planned, measured: await measuredLike(house, planned, input) };
    } catch (error) {
      if (!timeIsUp.aborted) throw error;
      const why = seen.waits ? 'all memory is taken by copies' : 'the chain is long, or the repository slow';
      return { kind: 'unknown', reason: `it could not be planned within ${Math.round(withinMs / 1000)} s: ${why}` };
    }
  };
}

/** null where it isn't known which way the data would go. */
async function measuredLike(
  { catalog, settings }: DataHouse,
  { path, codec }: PlannedMove,
  { poolName, readBack }: RestoreToPlan,
): Promise<MeasuredCopies | null> {
  if (poolName === null || path.mode === null || codec === null) return null;
  return catalog.measuredCopies({ poolName, mode: path.mode, codec, readBack: readBack || settings.readBack });
}
