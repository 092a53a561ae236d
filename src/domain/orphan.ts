/** What lies on a pool of one volume, whatever the catalog says of it. */
export interface StoredVolume {
  readonly volumeId: string;
  /** What it takes of the pool. */
  readonly storedBytes: number;
}

/** All volumes of which anything lies on a pool. */
export interface PoolContent {
  /** `host@backend#pool`. */
  readonly poolName: string;
  readonly volumes: readonly StoredVolume[];
}

/**
 * Why nobody accounts for the data: its volume is `deleted`; it lies `elsewhere`, or nowhere; or the catalog doesn't know it (`unknown`),
 * as when it came back from an older dump. Or a volume that can be used lies there by the catalog, and nothing of it does (`missing`).
 */
export type OrphanReason = 'deleted' | 'elsewhere' | 'unknown' | 'missing';

/**
 * Data on a pool that no row of the catalog accounts for: no volume that lies there, and no removal that is owed. Or, the other way round, a
 * volume whose data is missing.
 */
export interface Orphan extends StoredVolume {
  readonly poolName: string;
  readonly reason: OrphanReason;
  readonly firstSeenAt: Date;
  /** Null: only when an administrator says so. What isn't certainly deleted may be the last copy of somebody's data. */
  readonly removeAt: Date | null;
}
