import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWorkflowId } from '../../src/temporal';
import { limitBandwidthUpdate } from '../../workflows/bandwidth';
import { GIB } from '../../src/domain/volume';
import { largeBackup } from '../mover/movers-contract';
import { startDataWorker } from '../support/data-worker';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { callProcessOf, isRunning, moversOf, stopProcess } from '../support/processes';
import type { Supervisor } from '../support/supervisor';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';
import type { WrittenChain } from '../support/write-backup';

jest.setTimeout(400_000);

const MIB = 1024 ** 2;

/**
 * An attempt that was stopped (SIGSTOP), and goes on (SIGCONT) when its volume has long been somebody else's: the worker, its mover with
 * writes in flight, and its process for short calls.
 */
describe('a worker that was stopped, and goes on after its successor has ended', () => {
  let house: House;
  let folder: string;
  let chain: WrittenChain & { readonly content: Buffer };
  let sha256: string;
  let backupId: string;
  const workers: Supervisor[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-zombies-'));
    chain = largeBackup(path.join(folder, 'backups'), 'zlib');
    sha256 = createHash('sha256').update(chain.content).digest('hex');
    house = await startHouse({ repository: chain.root, config: { database: { backupLock: 'shared' } } });
    await house.stopWorkers('data');
    backupId = await house.importLinks(chain.links);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });
  afterAll(async () => {
    await house.stop();
    rmSync(folder, { recursive: true });
  });

  function startWorker(): Supervisor {
    const worker = startDataWorker(house, folder);
    workers.push(worker);
    return worker;
  }

  /** Stops all of it. Answers how it goes on. */
  function stopped(worker: Supervisor): () => void {
    const pids = [worker.pid(), ...moversOf(worker.pid()), ...callProcessOf(worker.pid())];
    pids.forEach(stopProcess);
    return () => pids.filter(isRunning).forEach((pid) => process.kill(pid, 'SIGCONT'));
  }

  const fileOf = (volumeId: string): string => path.join(house.poolPath(), `volume-${volumeId}`);

  async function deleted(volumeId: string): Promise<void> {
    await house.remove(volumeId);
    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    expect(house.files().filter((name) => name.includes(volumeId))).toEqual([]);
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
    const other = await house.create({ backupId });
    expect(await house.settled(other)).toMatchObject({ status: 'available' });
    await deleted(other);
  }

  it('has been replaced while its writes were in flight: it changes no byte of what is at their path now', async () => {
    const worker = startWorker();
    const volumeId = await house.create({ backupId });
    const handle = house.client.workflow.getHandle(createWorkflowId(volumeId));
    await handle.executeUpdate(limitBandwidthUpdate, { args: [{ bytesPerSecond: 12 * MIB }] });
    await eventually(async () => ((await isWritten(volumeId)) ? true : null));
    const atWork = moversOf(worker.pid());
    const goOn = stopped(worker);

    const successor = startWorker();
    await handle.executeUpdate(limitBandwidthUpdate, { args: [{ bytesPerSecond: null }] });
    expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
    expect(await sha256OfVolume(fileOf(volumeId), chain.content.length)).toBe(sha256);
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

  async function isWritten(volumeId: string): Promise<boolean> {
    const rows = await house.database.query('select 1 from volumes where id = $1 and checkpoint is not null', [
      volumeId,
    ]);
    return rows.length > 0;
  }
});
