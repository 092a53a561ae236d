import type { Checkpoint } from '../../domain/checkpoint';
import type { LocalRange } from '../../domain/extent';
import type { PoolContent } from '../../domain/orphan';
import type { PoolReport } from '../../domain/pool';
import type { VolumeTarget } from '../../domain/volume-target';

/** The volume as a driver knows it. */
export interface VolumeOnPool {
  /** The UUID that the API chose; also the volume's name on the backend, so that a repeated create finds its own. */
  readonly id: string;
  readonly sizeGib: number;
  /** `host@backend#pool`. */
  readonly poolName: string;
}

/** On whose behalf a volume is written. */
export interface WritingRun {
  readonly id: string;
  /** When it was asked for. What another run completed under a newer epoch isn't written over. */
  readonly begunEpoch: number;
}

export interface WriteOptions {
  /** This writer's epoch. A driver lets a newer epoch take the volume over from an older one, never the reverse. */
  readonly epoch: number;
  /** Left out by who writes over whatever there is. */
  readonly run?: WritingRun | undefined;
  readonly signal: AbortSignal;
  /**
   * Asked when the volume is this writer's, before anything of it is touched: whether it still may. A writer that was stopped before it
   * took the volume finds no trace of a newer epoch where the volume has been deleted meanwhile. @throws Refusal('Fenced')
   */
  readonly confirm?: (() => Promise<void>) | undefined;
}

export interface CloneOptions extends WriteOptions {
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Where an earlier attempt came to: what it made, unfinished or whole, is gone on with. */
  readonly checkpoint?: Checkpoint | null;
  /** @throws Refusal('Fenced') */
  readonly saveCheckpoint?: (checkpoint: Checkpoint) => Promise<void>;
}

/** Why the native way isn't open, or that it was taken. A value, never an exception. */
export type CloneResult = { readonly kind: 'created' } | { readonly kind: 'not-supported'; readonly reason: string };

/** Whether the native way is open, as far as that can be told without going it. */
export type CloneForecast =
  | { readonly kind: 'supported' }
  | { readonly kind: 'not-supported'; readonly reason: string }
  /** Only going it will tell. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * One backend: a set of pools on one kind of storage. Contract, which `test/drivers/volume/volume-driver-contract.ts`
 * checks for every driver:
 *
 * - every call is idempotent: repeated after success, or after a lost answer, it ends the same;
 * - `Refusal('PoolRefused')` is thrown when this pool certainly can't (full, gone); anything else may be repeated;
 * - a driver writes no status and knows no catalog.
 */
export interface VolumeDriver {
  /** The pools with their capacity at this moment. */
  reportPools(): Promise<PoolReport[]>;
  /**
   * What lies on each pool of any volume, complete or not, what is kept of it beside it included. A pool that can't be read now is left
   * out.
   */
  listVolumes(): Promise<PoolContent[]>;
  /**
   * Makes an empty volume of exactly `sizeGib` GiB that reads zero. An existing one of this id and size is success.
   * @param options left out where nobody else can be at it
   */
  createVolume(volume: VolumeOnPool, options?: WriteOptions): Promise<void>;
  /**
   * Makes the volume `newSizeGib` GiB large; what it held stays, and the new part reads zero. One of the new size is success. The volume is
   * nobody else's meanwhile, as in `openTarget`. Nothing is changed when the pool refuses.
   * @param volume with its size until now
   * @throws Refusal('PoolRefused') where it has no room; Refusal('VolumeNotFound'); Refusal('Fenced') if a newer epoch has been here;
   * Refusal('InvalidVolume') if it is larger than that: a volume is never shrunk
   */
  extendVolume(volume: VolumeOnPool, newSizeGib: number, options: WriteOptions): Promise<void>;
  /**
   * Removes the volume and everything the driver keeps for it. Absent is success. Takes it from a writer of an older epoch.
   * @param options left out where nobody else can be at it
   */
  deleteVolume(volume: VolumeOnPool, options?: WriteOptions): Promise<void>;
  /**
   * Opens for writing. An extension that failed may have left the volume longer than its size: that is nobody's.
   * Rejects while another writer with the same or a newer epoch is alive.
   * @throws Refusal('Fenced') if a newer epoch has been here; Refusal('AlreadyComplete') by the run; Refusal('VolumeNotFound'); the signal's reason
   */
  openTarget(volume: VolumeOnPool, options: WriteOptions): Promise<VolumeTarget>;
  /** Where an operator on that host finds the data, for people to read. */
  locate(volume: VolumeOnPool): string;
  /**
   * Optional capability, the spec's `create_volume_from_backup`: makes the volume and fills it from `ranges` without
   * moving bytes through this process; what no range covers reads zero. `ranges` is null where the backup isn't local.
   * 'not-supported' leaves nothing behind.
   */
  createVolumeFromBackup?(
    volume: VolumeOnPool,
    ranges: readonly LocalRange[] | null,
    options: CloneOptions,
  ): Promise<CloneResult>;
  /**
   * Optional, beside `createVolumeFromBackup`: what that would answer to a volume that isn't there yet, by the same checks. Changes
   * nothing that anybody could see, also when its process dies.
   * @throws Refusal('PoolRefused') if the pool takes no volumes; the signal's reason
   */
  foreseeVolumeFromBackup?(
    volume: VolumeOnPool,
    ranges: readonly LocalRange[] | null,
    signal: AbortSignal,
  ): Promise<CloneForecast>;
}
