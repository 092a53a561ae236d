import type { Pool } from './pool';
import type { QuotaLimits, QuotaUsage } from './quota';
import type { VolumeType } from './volume-type';

/** The fresh rows that a change of a volume is judged by that stays where it lies: of its size, or of its type. */
export interface FactsInPlace {
  /** The one that it is to have. */
  readonly type: VolumeType;
  readonly limits: QuotaLimits;
  readonly usage: QuotaUsage;
  /** Where the volume lies; null if that never reported. */
  readonly pool: Pool | null;
  readonly now: Date;
  /** A pool whose report is older is served by nobody. */
  readonly reportMaxAgeMs: number;
}
