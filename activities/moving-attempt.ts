import type { MoveEvents, MoveJob } from '../src/mover/mover';
import type { OfRun } from './accept-request';
import type { OnPool } from './create-raw-volume';
import type { DataHouse } from './house';
import { writingAttempt } from './writing-attempt';

/** Which backup is to be moved onto which volume. */
export type BackupOnPool = OnPool &
  OfRun & {
    readonly backupId: string;
    /** Whether what was written is read back from the disk, also where the configuration doesn't ask for it. */
    readonly readBack: boolean;
    /** Whether the volume was in use before; left out: it is new. */
    readonly overwrites?: boolean;
  };

/** One attempt to move a backup's data onto a volume: what the mover has to know, and what it may ask of the catalog meanwhile. */
export function movingAttempt<Result>(
  house: DataHouse,
  { volumeId, backupId, runId, sizeGib, poolName, readBack, overwrites = false }: BackupOnPool,
  move: (job: MoveJob, events: MoveEvents) => Promise<Result>,
): Promise<Result> {
  return writingAttempt(house, volumeId, async ({ epoch, begunEpoch, checkpoint, bandwidth, signal, report }) => {
    const { catalog, settings } = house;
    const volume = { id: volumeId, sizeGib, poolName };
    const chain = await catalog.backupChain(backupId);
    return move(
      {
        volume,
        chain,
        epoch,
        run: { id: runId, begunEpoch },
        checkpoint,
        overwrites,
        readBack: readBack || settings.readBack,
      },
      {
        signal,
        onProgress: report,
        onPlanned: (volumeMeta) => catalog.noteBackupMetadata(volumeId, epoch, volumeMeta),
        saveCheckpoint: (reached) => catalog.saveCheckpoint(volumeId, epoch, reached),
        permit: async (bytes) => {
          const permitted = await bandwidth.permit(bytes, signal);
          return Math.min(permitted, await house.bandwidth.permit(Math.min(permitted, bytes), signal));
        },
      },
    );
  });
}
