import { open } from 'node:fs/promises';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { createWorkflowId, restoreWorkflowId } from '../../src/temporal';
import type { CreatedVolume } from '../../workflows/create-volume-from-backup';
import { eventually } from '../support/eventually';
import { isRunning, moversOf, stopProcess } from '../support/processes';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';
import { useCopiesInWorkers } from './copies-in-workers';

jest.setTimeout(240_000);

const MIB = 1024 ** 2;
/** Slow enough to be caught in the middle. */
const SLOW = 12 * MIB;

describe('a copy in a mover of a real worker process', () => {
  const here = useCopiesInWorkers();
  const { startWorker, limit } = here;

  /** A slow copy that has a checkpoint already. */
  async function copying(): Promise<string> {
    const volumeId = await here.house.create({ backupId: here.backupId });
    await here.slowDown(volumeId, SLOW);
    return volumeId;
  }

  const goOnAtFullSpeed = (volumeId: string): Promise<void> => limit(createWorkflowId(volumeId), null);

  async function expectRightAndResumed(volumeId: string, workflowId = createWorkflowId(volumeId)): Promise<void> {
    expect(await here.house.settled(volumeId)).toMatchObject({ status: 'available' });
    const handle = here.house.client.workflow.getHandle(workflowId);
    const { location, copiedBytes } = (await handle.result()) as CreatedVolume;
    expect(await sha256OfVolume(location, here.dataBytes)).toBe(here.sha256);
    expect(copiedBytes).toBeLessThanOrEqual(here.dataBytes - 32 * MIB);
    expect(await here.house.backup(here.backupId)).toMatchObject({ status: 'available' });
  }

  it('goes on where it was when the mover is killed', async () => {
    const worker = startWorker();
    const volumeId = await copying();
    for (const pid of moversOf(worker.pid())) process.kill(pid, 'SIGKILL');
    await goOnAtFullSpeed(volumeId);
    await expectRightAndResumed(volumeId);
    expect(worker.deaths()).toBe(0);
  });

  it('goes on where it was when the whole worker is killed, whose movers go with it', async () => {
    const worker = startWorker();
    const volumeId = await copying();
    const movers = moversOf(worker.pid());
    process.kill(worker.pid(), 'SIGKILL');
    await eventually(async () => (movers.some(isRunning) ? null : true));
    await goOnAtFullSpeed(volumeId);
    await expectRightAndResumed(volumeId);
  });

  it('goes on where it was when the worker is killed, also onto a volume that held other data, whose rest stays (H-72)', async () => {
    const worker = startWorker();
    const volumeId = await here.house.create({ sizeGib: 1 });
    await here.house.settled(volumeId);
    const file = path.join(here.house.poolPath(), `volume-${volumeId}`);
    await fillWithNoise(file);
    const rest = await tailOf(file);
    await here.house.restore(volumeId, here.backupId);
    await here.slowDown(volumeId, SLOW, restoreWorkflowId(volumeId));
    process.kill(worker.pid(), 'SIGKILL');
    await limit(restoreWorkflowId(volumeId), null);
    await expectRightAndResumed(volumeId, restoreWorkflowId(volumeId));
    expect(await tailOf(file)).toEqual(rest);
  });

  it('is taken over by another worker when its own is stopped for longer than a heartbeat, and its mover is killed', async () => {
    const worker = startWorker();
    const volumeId = await copying();
    const movers = moversOf(worker.pid());
    for (const pid of [worker.pid(), ...movers]) stopProcess(pid);
    startWorker();
    await goOnAtFullSpeed(volumeId);
    await expectRightAndResumed(volumeId);
    expect(movers.some(isRunning)).toBe(false);
    process.kill(worker.pid(), 'SIGCONT');
  });

  it('ends with the deletion of its volume, and leaves nothing', async () => {
    const worker = startWorker();
    const volumeId = await copying();
    await here.house.remove(volumeId);
    await eventually(async () => ((await here.house.volume(volumeId)) === null ? true : null));
    expect(here.house.files().filter((name) => name.includes(volumeId))).toEqual([]);
    expect(await here.house.backup(here.backupId)).toMatchObject({ status: 'available' });
    expect(worker.deaths()).toBe(0);
  });
});

/** The last MiB, where `fillWithNoise` wrote something. */
async function tailOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(MIB), 0, MIB, GIB - MIB);
  await handle.close();
  return buffer;
}
