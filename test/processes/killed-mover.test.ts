import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { createWorkflowId, restoreWorkflowId } from '../../src/temporal';
import { limitBandwidthUpdate } from '../../workflows/bandwidth';
import type { CreatedVolume } from '../../workflows/create-volume-from-backup';
import { largeBackup } from '../mover/movers-contract';
import { startDataWorker } from '../support/data-worker';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { isRunning, moversOf, stopProcess } from '../support/processes';
import type { Supervisor } from '../support/supervisor';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';

jest.setTimeout(240_000);

const MIB = 1024 ** 2;
/** Slow enough to be caught in the middle. */
const SLOW = 12 * MIB;

describe('a copy in a mover of a real worker process', () => {
  let house: House;
  let folder: string;
  const workers: Supervisor[] = [];
  let backupId: string;
  let sha256: string;
  let dataBytes: number;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-killed-mover-'));
    const root = path.join(folder, 'backups');
    const { links, content } = largeBackup(root, 'zlib');
    sha256 = createHash('sha256').update(content).digest('hex');
    dataBytes = content.length;
    house = await startHouse({ repository: root, config: { database: { backupLock: 'shared' } } });
    await house.stopWorkers('data');
    backupId = await house.importLinks(links);
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

  /** A slow copy that has a checkpoint already. */
  async function copying(): Promise<string> {
    const volumeId = await house.create({ backupId });
    await slowDown(volumeId);
    return volumeId;
  }

  async function slowDown(volumeId: string, workflowId = createWorkflowId(volumeId)): Promise<void> {
    await limit(workflowId, SLOW);
    await eventually(async () => (await hasCheckpoint(volumeId)) || null);
  }

  async function limit(workflowId: string, bytesPerSecond: number | null): Promise<void> {
    const handle = house.client.workflow.getHandle(workflowId);
    await handle.executeUpdate(limitBandwidthUpdate, { args: [{ bytesPerSecond }] });
  }

  async function hasCheckpoint(volumeId: string): Promise<boolean> {
    const rows = await house.database.query('select id from volumes where id = $1 and checkpoint is not null', [
      volumeId,
    ]);
    return rows.length > 0;
  }

  const goOnAtFullSpeed = (volumeId: string): Promise<void> => limit(createWorkflowId(volumeId), null);

  async function expectRightAndResumed(volumeId: string, workflowId = createWorkflowId(volumeId)): Promise<void> {
    expect(await house.settled(volumeId)).toMatchObject({ status: 'available' });
    const handle = house.client.workflow.getHandle(workflowId);
    const { location, copiedBytes } = (await handle.result()) as CreatedVolume;
    expect(await sha256OfVolume(location, dataBytes)).toBe(sha256);
    expect(copiedBytes).toBeLessThanOrEqual(dataBytes - 32 * MIB);
    expect(await house.backup(backupId)).toMatchObject({ status: 'available' });
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
    const volumeId = await house.create({ sizeGib: 1 });
    await house.settled(volumeId);
    const file = path.join(house.poolPath(), `volume-${volumeId}`);
    await fillWithNoise(file);
    const rest = await tailOf(file);
    await house.restore(volumeId, backupId);
    await slowDown(volumeId, restoreWorkflowId(volumeId));
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
    await house.remove(volumeId);
    await eventually(async () => ((await house.volume(volumeId)) === null ? true : null));
    expect(house.files().filter((name) => name.includes(volumeId))).toEqual([]);
    expect(await house.backup(backupId)).toMatchObject({ status: 'available' });
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
