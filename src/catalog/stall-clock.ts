/** A sign of life of a copy, and the clock that ran until then. */
export interface StallClock {
  /** Time without a byte moved, over all attempts, until `seenAt`. */
  readonly stalledMs: number;
  /** The last sign of life; null before the first attempt. */
  readonly seenAt: Date | null;
}

/** Attempts of which nothing is left, since the last checkpoint. */
export interface UnsavedClock {
  readonly unsavedMs: number;
  /** Of the last attempt, or when it saved a checkpoint; null before the first one. */
  readonly begunAt: Date | null;
  /** Its last sign of life. */
  readonly seenAt: Date | null;
}

/** A new attempt begins: what the last one took since its last checkpoint was in vain, and counts, but only so much of it. */
export function unsavedAtStart({ unsavedMs, begunAt, seenAt }: UnsavedClock, mostMs: number): number {
  if (begunAt === null || seenAt === null) return unsavedMs;
  return Math.round(unsavedMs + Math.min(mostMs, Math.max(0, seenAt.getTime() - begunAt.getTime())));
}

/** A new attempt begins: the gap since the last sign of life counts, but a long one (a pause, an outage, a clock that was set) only so far. */
export function stalledAtStart(clock: StallClock, now: Date, maxGapMs: number): number {
  return clock.stalledMs + Math.min(gapMs(clock, now), maxGapMs);
}

function gapMs({ seenAt }: StallClock, now: Date): number {
  return seenAt === null ? 0 : Math.max(0, now.getTime() - seenAt.getTime());
}
