import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createWorkflowId } from '../../src/temporal';
import { GIB } from '../../src/domain/volume';
import { eventually } from '../support/eventually';
import { callProcessOf, isRunning, moversOf, stopProcess } from '../support/processes';
import type { Supervisor } from '../support/supervisor';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';
import { useCopiesInWorkers } from './copies-in-workers';

jest.setTimeout(400_000);

const MIB = 1024 ** 2;

/**
 * An attempt that was stopped (SIGSTOP), and goes on (SIGCONT) when its volume has long been somebody else's: the worker, its mover with
 * writes in flight, and its process for short calls.
 */
describe('a worker that was stopped, and goes on after its successor has ended', () => {
  const here = useCopiesInWorkers();
  const { startWorker } = here;

  /** Stops all of it. Answers how it goes on. */
  function stopped(worker: Supervisor): () => void {
    const pids = [worker.pid(), ...moversOf(worker.pid()), ...callProcessOf(worker.pid())];
    pids.forEach(stopProcess);
    return () => pids.filter(isRunning).forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  const fileOf = (volumeId: string): string => path.join(here.house.poolPath(), `volume-${volumeId}`);

  async function deleted(volumeId: string): Promise<void> {
    await here.house.remove(volumeId);
    await eventually(async () => ((await here.house.volume(volumeId)) === null ? true : null));
    expect(here.house.files().filter((name) => name.includes(volumeId))).toEqual([]);
  }

  /** Somebody else's data, under the path that the volume had. Answers its hash. */
  async function pathUsedAgain(volumeId: string): Promise<string> {
    writeFileSync(fileOf(volumeId), '');
    truncateSync(fileOf(volumeId), GIB);
    await fillWithNoise(fileOf(volumeId));
    return sha256OfVolume(fileOf(volumeId), 128 * MIB);
  }

  /** The worker that was stopped works again: it makes another volume. */
  async function expectAtWork(): Promise<void> {
    const other = await here.house.create({ backupId: here.backupId });
    expect(await here.house.settled(other)).toMatchObject({ status: 'available' });
    await deleted(other);
  }

  it('has been replaced while its writes were in flight: it changes no byte of what is at their path now', async () => {
    const worker = startWorker();
    const volumeId = await here.house.create({ backupId: here.backupId });
    await here.slowDown(volumeId, 12 * MIB);
    const atWork = moversOf(worker.pid());
    const goOn = stopped(worker);

    const successor = startWorker();
    await here.limit(createWorkflowId(volumeId), null);
    expect(await here.house.settled(volumeId)).toMatchObject({ status: 'available' });
    expect(await sha256OfVolume(fileOf(volumeId), here.dataBytes)).toBe(here.sha256);
    // One of the two was idle, and still is stopped.
    expect(atWork.filter(isRunning)).toHaveLength(atWork.length - 1);
    await deleted(volumeId);
    const before = await pathUsedAgain(volumeId);

    goOn();
    await successor.stop();
    await expectAtWork();
    expect(await sha256OfVolume(fileOf(volumeId), 128 * MIB)).toBe(before);
    rmSync(fileOf(volumeId));
  });
});
