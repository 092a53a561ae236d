import { Refusal } from '../src/domain/errors';
import type { OfRun } from './accept-request';
import type { OnPool } from './create-raw-volume';
import type { ControlHouse, DataHouse } from './house';
import { withSignsOfLife } from './signs-of-life';

export interface Leaving extends OfRun {
  readonly volumeId: string;
  /** How long what is on the pool is kept for a retry; 0: it must go now. */
  readonly keepMs: number;
}

/**
 * Compensation of `scheduleVolume` and of whatever put data on a pool since: the reservation becomes a debt, noted in the catalog.
 * Freeing the volume and the backup never waits for the pool's host; `removeVolume` pays the debt, now or when it is due.
 */
export function oweRemoval(house: ControlHouse) {
  return async ({ volumeId, keepMs, runId }: Leaving): Promise<void> =>
    house.catalog.unplaceVolume({ volumeId, keepMs, runId });
}

/** Removes the data from the pool and settles the debt, if it is due. */
export function removeVolume(house: DataHouse) {
  return async (volume: OnPool): Promise<void> => withSignsOfLife(() => removeIfDue(house, volume));
}

async function removeIfDue(house: DataHouse, { volumeId, sizeGib, poolName }: OnPool): Promise<void> {
  const { catalog } = house;
  const due = await catalog.dueRemoval({ volumeId, poolName });
  // Settled already, or kept, or the volume has been placed here again: then the data isn't ours to remove.
  if (!due) return;
  const volume = { id: volumeId, sizeGib, poolName };
  const debt = { isOwed: true };
  try {
    await house.poolCalls({ what: 'delete', volume, epoch: due.epoch }, async () => {
      debt.isOwed = (await catalog.dueRemoval({ volumeId, poolName }))?.debtId === due.debtId;
      if (!debt.isOwed)
        throw new Refusal('Fenced', `Volume ${volumeId} is not to be removed from ${poolName} any more.`);
    });
  } catch (error) {
    // Taken back, or settled, by somebody else. Or not due yet, where a clock was set back: then it stays owed.
    if (!debt.isOwed) return;
    // It has been written since, as the pool knows: then it is not owed any more. Where the catalog doesn't know, it came back from an older
    // dump, and what lies there may be in use. It is left alone, and whoever looks for orphans tells of it.
    if (!(error instanceof Refusal && error.code === 'Fenced')) throw error;
  }
  await catalog.settleRemoval(volumeId, poolName, due.debtId);
}

/**
 * Pays everything that is due on a backend: a worker does so when it starts, and from time to time. Answers how many debts
 * it paid. @throws AggregateError of those that couldn't be paid, once all have been tried
 */
export async function settleDebts(house: DataHouse, backend: string): Promise<number> {
  const owed = await house.catalog.owedRemovals(backend);
  const tried = await Promise.allSettled(owed.map((debt) => removeIfDue(house, debt)));
  const failures = tried.filter((one) => one.status === 'rejected').map(({ reason }): unknown => reason);
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${owed.length} could not be removed`);
  return owed.length;
}
