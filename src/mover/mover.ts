import type { BackupLink } from '../domain/backup';
import type { Checkpoint } from '../domain/checkpoint';
import type { RestoreFigures, RestorePath } from '../domain/explanation';
import type { Progress } from '../domain/progress';
import type { VolumeMeta } from '../domain/volume-metadata';
import type { VolumeOnPool, WritingRun } from '../drivers/volume/driver';

/** What is to be moved where. Plain data: it crosses processes. */
export interface MoveJob {
  readonly volume: VolumeOnPool;
  /** The chain of the backup, leaf first. */
  readonly chain: readonly BackupLink[];
  /** The right to write: a mover with a newer one takes the volume from a mover with an older one. */
  readonly epoch: number;
  /** On whose behalf, where what another run has completed isn't to be written over. */
  readonly run?: WritingRun | undefined;
  /** Where an earlier attempt came to, or null. */
  readonly checkpoint: Checkpoint | null;
  /** Whether the volume was in use before: what lies behind the backup's end is its owner's (S-66). */
  readonly overwrites: boolean;
  /** Whether to read everything back from the disk afterwards and compare it once more. */
  readonly readBack: boolean;
}

/** What a mover tells and asks its worker meanwhile. */
export interface MoveEvents {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Asked when the volume is this move's, before anything is written: whether it still may. @throws Refusal('Fenced') */
  readonly confirm: () => Promise<void>;
  /** What the backup says of its volume; before anything is written. */
  readonly onPlanned: (volumeMeta: VolumeMeta | null) => Promise<void>;
  /** Returns when a later attempt would find it. @throws Refusal('Fenced') */
  readonly saveCheckpoint: (checkpoint: Checkpoint) => Promise<void>;
  /** The bandwidth limit: returns when at least so many bytes may be written, and how many may without asking again. */
  readonly permit: (bytes: number) => Promise<number>;
}

/** A volume whose bytes are there and verified. */
export interface Moved {
  /** Where its data lies, for people. */
  readonly location: string;
  /** Bytes that came from objects; the rest of the volume is zeros. */
  readonly dataBytes: number;
  /** Those of them that this attempt moved: the others were there already. */
  readonly copiedBytes: number;
  /** The time it took to move them; a copy verifies while it moves. */
  readonly moveMs: number;
  /** The time it took to verify them afterwards, where that is apart. */
  readonly verifyMs: number;
  /** Of most of them; null: there are none. */
  readonly codec: string | null;
  /** Whether everything was read back from the disk. */
  readonly readBack: boolean;
}

/** What a restore would be, on a pool or nowhere in particular. Plain data. */
export interface PlanJob {
  /** One that isn't there; null: no pool is in question. */
  readonly volume: VolumeOnPool | null;
  readonly sizeGib: number;
  /** The chain of the backup, leaf first. */
  readonly chain: readonly BackupLink[];
}

export type PlanEvents = Pick<MoveEvents, 'signal' | 'onProgress'>;

/** What `createFromBackup` and `restoreBackup` would do. */
export interface PlannedMove extends RestoreFigures {
  readonly kind: 'planned';
  readonly path: RestorePath;
  readonly volumeMeta: VolumeMeta | null;
}

export type NativeMove =
  { readonly kind: 'created'; readonly moved: Moved } | { readonly kind: 'not-supported'; readonly reason: string };

/**
 * Moves a backup's data onto volumes, each move in a process of its own: whatever happens to the data then happens to no heartbeat,
 * and a move can be ended for certain. When a call returns, by whatever end, nothing of it writes any more.
 * @throws Refusal; the signal's reason when aborted; anything else may be repeated
 */
export interface Movers {
  /** Plans the restore, then the volume driver's own way, whose result is verified like any other copy. */
  createFromBackup(job: MoveJob, events: MoveEvents): Promise<NativeMove>;
  /**
   * Copies the image onto the raw volume and verifies every byte. Goes on where an earlier attempt was. Onto a volume that it overwrites
   * nothing is written before `onPlanned`.
   */
  restoreBackup(job: MoveJob, events: MoveEvents): Promise<Moved>;
  /**
   * What the two would do, by the same plan and the same questions to the driver. Moves nothing, changes nothing.
   * @throws the refusals of both that can be known before
   */
  planRestore(job: PlanJob, events: PlanEvents): Promise<PlannedMove>;
}
