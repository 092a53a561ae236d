import type { Checkpoint } from '../domain/checkpoint';
import type { Progress } from '../domain/progress';
import type { VolumeMeta } from '../domain/volume-metadata';
import type { BackupRepository } from '../drivers/backup/registry';
import type { VolumeBackends } from '../drivers/volume/registry';
import type { Fault } from './faults';
import type { Moved, MoveJob, NativeMove, PlanJob, PlannedMove } from './mover';
import type { PoolCall } from './pool-calls';

/** What a mover process has to know before its first job. */
export interface MoverSettings extends VolumeBackends {
  readonly repositories: readonly BackupRepository[];
  /** See `OpenImageOptions`. */
  readonly allowUnverified: boolean;
  /** Objects that one copy reads side by side. */
  readonly readers: number;
}

/** What a mover is to do. */
export type Order =
  | { readonly move: 'createFromBackup' | 'restoreBackup'; readonly job: MoveJob }
  | { readonly move: 'planRestore'; readonly job: PlanJob };

export type Outcome = Moved | NativeMove | PlannedMove;

/** What a mover asks while it moves; the worker answers each question. */
export type Question =
  /** `call` is null for the move that is under way. */
  | { readonly about: 'confirm'; readonly call: number | null }
  | { readonly about: 'planned'; readonly volumeMeta: VolumeMeta | null }
  | { readonly about: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly about: 'permit'; readonly bytes: number };

/** From the worker to the mover. One job at a time. */
export type ToMover =
  | { readonly kind: 'settings'; readonly settings: MoverSettings }
  | { readonly kind: 'move'; readonly order: Order }
  | { readonly kind: 'abort' }
  /** A short call; any number of them at once. */
  | { readonly kind: 'call'; readonly id: number; readonly call: PoolCall }
  /** `permitted` only where that was the question. */
  | { readonly kind: 'answer'; readonly id: number; readonly permitted: number; readonly fault: Fault | null };

/** From the mover to the worker. */
export type ToWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'done'; readonly result: Outcome }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'called'; readonly id: number; readonly fault: Fault | null };
