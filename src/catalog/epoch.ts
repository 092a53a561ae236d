/** Of the epochs' clock: whoever reads an epoch needs no more digits than that. */
const CLOCK_BEGAN_MS = Date.UTC(2020, 0, 1);

/**
 * An epoch that is newer than any before it, also than those that a catalog has forgotten which came back from an older dump: what has
 * been written on the pools since tells of them, and would shut out whoever counted on from there.
 * @param now the database's clock
 */
export function nextEpoch(previous: number, now: Date): number {
  return Math.max(previous + 1, Math.floor((now.getTime() - CLOCK_BEGAN_MS) / 1_000));
}
