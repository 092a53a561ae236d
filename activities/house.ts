import type { Catalog, AcceptanceDefaults } from '../src/catalog/catalog';
import type { CopyImage, VerifyTarget } from '../src/copy/copy';
import type { BackupDriver } from '../src/drivers/backup/driver';
import type { VolumeDriver } from '../src/drivers/volume/driver';
import type { OpenImage } from '../src/image/backup-image';

/** All that activities need, handed to them by the worker process. */
export interface ControlHouse {
  readonly catalog: Catalog;
  readonly runs: WorkflowRuns;
  /** Which queues the workers of a pool listen on. */
  readonly queuesOf: (poolName: string) => { readonly poolQueue: string; readonly copyQueue: string };
  readonly settings: {
    readonly defaults: AcceptanceDefaults;
    /** A create that makes no progress for so long ends in `error`. */
    readonly giveUpAfterMs: number;
    /** After so long without a sign of life a copy is taken for dead and started again. */
    readonly heartbeatTimeoutMs: number;
    /** A pool whose worker has not reported for so long is served by nobody. */
    readonly reportMaxAgeMs: number;
  };
}

/** What the workers of one or more backends have besides. */
export interface DataHouse {
  readonly catalog: Catalog;
  readonly volumeDriverOf: (poolName: string) => VolumeDriver;
  readonly backupDriverOf: (service: string) => BackupDriver;
  readonly openImage: OpenImage;
  readonly copyImage: CopyImage;
  readonly verifyTarget: VerifyTarget;
  readonly settings: { readonly giveUpAfterMs: number; readonly heartbeatTimeoutMs: number };
}

/** Other runs, as far as a step may touch them. */
export interface WorkflowRuns {
  /** Asks the run that creates this volume to stop, and returns when it has ended. No such run: returns at once. */
  cancelCreation(volumeId: string, signal: AbortSignal): Promise<void>;
}
