import type { Catalog, AcceptanceDefaults } from '../src/catalog/catalog';
import type { RunEnd, Work } from '../src/domain/abandoned';
import type { Backup } from '../src/domain/backup';
import type { Volume } from '../src/domain/volume';
import type { BandwidthLimit } from '../src/copy/copy';
import type { BackupDriver } from '../src/drivers/backup/driver';
import type { Movers } from '../src/mover/mover';
import type { PoolCalls } from '../src/mover/pool-calls';

/** All that activities need, handed to them by the worker process. */
export interface ControlHouse {
  readonly catalog: Catalog;
  readonly runs: WorkflowRuns;
  /** Which queues the workers of a pool listen on. */
  readonly queuesOf: (poolName: string) => {
    readonly poolQueue: string;
    readonly copyQueue: string;
    readonly planQueue: string;
  };
  /** Where the workers listen that reach the repositories of backups. */
  readonly repositoryQueue: string;
  readonly settings: {
    readonly defaults: AcceptanceDefaults;
    /** A create that makes no progress for so long ends in `error`. */
    readonly giveUpAfterMs: number;
    /** After so long without a sign of life a copy is taken for dead and started again. */
    readonly heartbeatTimeoutMs: number;
    /** The first pause between two attempts of a copy; it doubles. */
    readonly retryAfterMs: number;
    /** How long a short call of a volume driver may take. */
    readonly callTimeoutMs: number;
    /** How long what a failed create leaves on its pool is kept for a retry; 0: not at all. */
    readonly retryGraceMs: number;
    /** A pool whose worker has not reported for so long is served by nobody. */
    readonly reportMaxAgeMs: number;
  };
}

/** What the workers of one or more backends have besides. */
export interface DataHouse {
  readonly catalog: Catalog;
  readonly poolCalls: PoolCalls;
  /** @throws Refusal('BackupUnreadable') if no repository here serves it */
  readonly backupDriverOf: (service: string) => BackupDriver;
  readonly movers: Movers;
  /** What all copies of this worker may move together. */
  readonly bandwidth: BandwidthLimit;
  /** A limit for one copy. */
  readonly newBandwidth: (bytesPerSecond: number | null) => BandwidthLimit;
  readonly settings: {
    readonly giveUpAfterMs: number;
    readonly heartbeatTimeoutMs: number;
    readonly retryAfterMs: number;
    /** Whether every copy is read back from the disk. */
    readonly readBack: boolean;
  };
}

/** Other runs, as far as a step may touch them. */
export interface WorkflowRuns {
  /** Asks the run that creates this volume, restores into it or extends it, to stop, and returns when it has ended. No such run: returns at once. */
  cancelWork(volumeId: string, signal: AbortSignal): Promise<void>;
  /** Of the newest run that does this to the volume or the backup: whether it goes on, or how it ended. */
  stateOf(work: Work, id: string): Promise<'running' | RunEnd>;
  /** Begins a new run where none goes on; otherwise nothing happens. Returns once it is accepted, or refused. */
  resumeCreation(volume: Volume): Promise<void>;
  /** @param expiresAt as of a new request */
  resumeRestore(volume: Volume, expiresAt: string): Promise<void>;
  /** @param expiresAt as of a new request */
  resumeExtension(volume: Volume, expiresAt: string): Promise<void>;
  resumeDeletion(volume: Volume): Promise<void>;
  resumeBackupDeletion(backup: Backup): Promise<void>;
}
