import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createWorkflowId } from '../../src/temporal';
import { limitBandwidthUpdate } from '../../workflows/bandwidth';
import { largeBackup } from '../mover/movers-contract';
import { startDataWorker } from '../support/data-worker';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import type { Supervisor } from '../support/supervisor';

/** A house whose data workers are processes of their own, and a backup that takes a while to copy. It is there from the first test on. */
export interface CopiesInWorkers {
  readonly house: House;
  readonly backupId: string;
  /** Of the backup's data, and its length. */
  readonly sha256: string;
  readonly dataBytes: number;
  /** Until the test is over. */
  readonly startWorker: () => Supervisor;
  /** What the copy of a run may move; null: no limit. */
  readonly limit: (workflowId: string, bytesPerSecond: number | null) => Promise<void>;
  /** Lets the copy move so much a second, and waits until it has a checkpoint. */
  readonly slowDown: (volumeId: string, bytesPerSecond: number, workflowId?: string) => Promise<void>;
}

export function useCopiesInWorkers(): CopiesInWorkers {
  let [folder, backupId, sha256, dataBytes] = ['', '', '', 0];
  let house: House;
  const workers: Supervisor[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rekindle-copies-'));
    const { root, links, content } = largeBackup(path.join(folder, 'backups'), 'zlib');
    [sha256, dataBytes] = [createHash('sha256').update(content).digest('hex'), content.length];
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

  async function limit(workflowId: string, bytesPerSecond: number | null): Promise<void> {
    const handle = house.client.workflow.getHandle(workflowId);
    await handle.executeUpdate(limitBandwidthUpdate, { args: [{ bytesPerSecond }] });
  }
  async function hasCheckpoint(volumeId: string): Promise<boolean> {
    const text = 'select id from volumes where id = $1 and checkpoint is not null';
    return (await house.database.query(text, [volumeId])).length > 0;
  }
  return {
    get house() {
      return house;
    },
    get backupId() {
      return backupId;
    },
    get sha256() {
      return sha256;
    },
    get dataBytes() {
      return dataBytes;
    },
    startWorker: () => {
      const worker = startDataWorker(house, folder);
      workers.push(worker);
      return worker;
    },
    limit,
    slowDown: async (volumeId, bytesPerSecond, workflowId = createWorkflowId(volumeId)) => {
      await limit(workflowId, bytesPerSecond);
      await eventually(async () => (await hasCheckpoint(volumeId)) || null);
    },
  };
}
