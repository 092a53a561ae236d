import { basename, dirname, join } from 'node:path';
import type { VolumeOnPool } from '../src/drivers/volume/driver';
import { fileVolumeDriver } from '../src/drivers/volume/file';
import { GIB } from '../src/domain/volume';
import { projectFolder } from '../src/local/project-folder';
import type { MoveEvents } from '../src/mover/mover';
import { moverPool } from '../src/mover/mover-pool';
import type { RestoreRequest } from './request';

const MEMORY_MIB = 256;
/** One for each core that the machine may use, as the configuration has it. */
const READERS = 2;

export interface WorkerPart {
  /** Makes an empty volume at the request's target. */
  createVolume(): Promise<void>;
  restoreBackup(events: MoveEvents): Promise<void>;
  stop(): Promise<void>;
}

/** What a worker does for one restore, with a mover that is ready; the only file of the bench that knows how. */
export async function workerPart(request: RestoreRequest, env: NodeJS.ProcessEnv): Promise<WorkerPart> {
  const { repository, chain, target } = request;
  const backend = { host: 'bench', availabilityZone: 'nova' };
  const pools = [{ name: 'bench', path: dirname(target) }];
  const backends = [{ name: 'file', driver: 'file' as const, pools }];
  const repositories = [{ driver: 'posix' as const, path: repository }];
  const movers = moverPool({
    entry: join(projectFolder(), 'dist', 'src', 'mover.js'),
    env,
    memoryMib: MEMORY_MIB,
    settings: { ...backend, backends, repositories, allowUnverified: false, readers: READERS },
  });
  const driver = fileVolumeDriver({ ...backend, backend: 'file', pools });
  const volume = volumeAt(request);
  await movers.ready();
  return {
    createVolume: () => driver.createVolume(volume),
    restoreBackup: async (events) => {
      await movers.restoreBackup(
        { volume, chain, epoch: 1, checkpoint: null, overwrites: false, readBack: false },
        events,
      );
    },
    stop: () => movers.stop(),
  };
}

function volumeAt({ target, sizeBytes }: RestoreRequest): VolumeOnPool {
  return {
    id: basename(target).slice('volume-'.length),
    sizeGib: sizeBytes / GIB,
    poolName: 'bench@file#bench',
  };
}
