import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from '../../src/domain/checkpoint';
import { Refusal } from '../../src/domain/errors';
import type { Progress } from '../../src/domain/progress';
import { GIB } from '../../src/domain/volume';
import { projectFolder } from '../../src/local/project-folder';
import type { Moved } from '../../src/mover/mover';
import { moverPool } from '../../src/mover/mover-pool';
import type { MoverPool } from '../../src/mover/mover-pool';
import type { MoverSettings } from '../../src/mover/protocol';
import { runScript } from '../support/child-process';
import { fillWithNoise, sha256OfVolume } from '../support/volume-content';
import { eventually } from '../support/eventually';
import { isRunning, moversOf, stopProcess } from '../support/processes';
import { describeMovers, eventsOf, jobOf, largeBackup, MoverLab } from './movers-contract';

const MIB = 1024 ** 2;
const ENTRY = path.join(projectFolder(), 'dist', 'src', 'mover.js');

function poolOf(settings: MoverSettings, memoryMib = 1024): MoverPool {
  return moverPool({ entry: ENTRY, env: process.env, settings, memoryMib });
}

describeMovers('in processes of their own', (settings) => {
  const movers = poolOf(settings);
  return { movers, stop: () => movers.stop() };
});

describe('movers in processes of their own', () => {
  let lab: MoverLab;
  let root: string;
  const pools: MoverPool[] = [];

  beforeEach(() => {
    lab = new MoverLab();
    root = path.join(lab.folder, 'backups');
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.stop()));
    lab.remove();
  });

  function newPool(memoryMib?: number): MoverPool {
    const pool = poolOf(lab.settings(root), memoryMib);
    pools.push(pool);
    return pool;
  }

  it('are killed in the middle, and the next attempt goes on where the killed one was', async () => {
    const { links, content } = largeBackup(root);
    const movers = newPool();
    const volume = await lab.newVolume();
    let checkpoint: Checkpoint | null = null;
    const saveCheckpoint = async (reached: Checkpoint): Promise<void> => {
      checkpoint ??= reached;
      for (const pid of moversOf(process.pid)) process.kill(pid, 'SIGKILL');
    };
    const killed = movers.restoreBackup(jobOf(volume, links), eventsOf({ saveCheckpoint }));
    await expect(killed).rejects.toThrow('The mover process ended in the middle of a move (SIGKILL).');

    const next = await movers.restoreBackup(jobOf(volume, links, { epoch: 2, checkpoint }), eventsOf());
    expect(next.copiedBytes).toBeLessThanOrEqual(content.length - 32 * MIB);
    expect(await sha256OfVolume(next.location, content.length)).toBe(sha256Of(content));
  });

  it('lose the volume to a newer attempt also when they were stopped, and never write again (a zombie)', async () => {
    const { links, content } = largeBackup(root);
    const zombies = newPool();
    const volume = await lab.newVolume();
    let zombie = 0;
    const stopped = new Promise<void>((resolve) => {
      const onProgress = ({ phase, doneBytes }: Progress): void => {
        if (zombie !== 0 || phase !== 'copy' || doneBytes < 8 * MIB) return;
        zombie = moversOf(process.pid)[0]!;
        stopProcess(zombie);
        resolve();
      };
      zombies.restoreBackup(jobOf(volume, links), eventsOf({ onProgress })).catch(() => undefined);
    });
    await stopped;

    const successor = newPool();
    const moved = await successor.restoreBackup(jobOf(volume, links, { epoch: 2 }), eventsOf());
    expect(isRunning(zombie)).toBe(false);
    expect(await sha256OfVolume(moved.location, content.length)).toBe(sha256Of(content));
  });

  it('lose the volume to its deletion in the same way', async () => {
    const { links } = largeBackup(root);
    const movers = newPool();
    const volume = await lab.newVolume();
    let mover = 0;
    const begun = new Promise<void>((resolve) => {
      const onProgress = ({ phase, doneBytes }: Progress): void => {
        if (mover !== 0 || phase !== 'copy' || doneBytes === 0) return;
        mover = moversOf(process.pid)[0]!;
        stopProcess(mover);
        resolve();
      };
      movers.restoreBackup(jobOf(volume, links), eventsOf({ onProgress })).catch(() => undefined);
    });
    await begun;
    await lab.driver.deleteVolume(volume);
    expect(isRunning(mover)).toBe(false);
  });

  it('refuse an older attempt', async () => {
    const { links } = largeBackup(root);
    const movers = newPool();
    const volume = await lab.newVolume();
    await movers.restoreBackup(jobOf(volume, links, { epoch: 2 }), eventsOf());
    await expect(movers.restoreBackup(jobOf(volume, links, { epoch: 1 }), eventsOf())).rejects.toMatchObject({
      code: 'Fenced',
    });
  });

  it('wait for each other where there is memory for one only, and say so', async () => {
    const { links } = largeBackup(root);
    const movers = newPool(256);
    const phases: string[] = [];
    const onProgress = ({ phase }: Progress): void => void phases.push(phase);
    const volumes = [await lab.newVolume(), await lab.newVolume()];
    await Promise.all(volumes.map((volume) => movers.restoreBackup(jobOf(volume, links), eventsOf({ onProgress }))));
    expect(phases).toContain('wait');
    expect(moversOf(process.pid)).toHaveLength(1);
  });

  it('stop waiting when they are cancelled', async () => {
    const { links } = largeBackup(root);
    const movers = newPool(256);
    const abort = new AbortController();
    const first = movers.restoreBackup(jobOf(await lab.newVolume(), links), eventsOf());
    const second = movers.restoreBackup(
      jobOf(await lab.newVolume(), links),
      eventsOf({ signal: abort.signal, onProgress: () => abort.abort(new Error('cancelled by the test')) }),
    );
    await expect(second).rejects.toThrow('cancelled by the test');
    await expect(first).resolves.toMatchObject({ copiedBytes: 96 * MIB });
  });

  it('are gone when their worker is killed', async () => {
    const worker = await runScript(`
      const { moverPool } = require('./src/mover/mover-pool.ts');
      moverPool({
        entry: ${JSON.stringify(ENTRY)},
        env: process.env,
        memoryMib: 256,
        settings: ${JSON.stringify(lab.settings(root))},
      });
      report(process.pid);`);
    const movers = await eventually(async () => {
      const found = moversOf(worker.child.pid!);
      return found.length > 0 ? found : null;
    });
    await worker.kill();
    await eventually(async () => (movers.some(isRunning) ? null : true));
  });

  it("are killed in the middle of the driver's own way, and the next attempt goes on where the killed one was", async () => {
    const { links, content } = largeBackup(root);
    const movers = newPool();
    const volume = { ...(await lab.newVolume()), id: randomUUID() };
    let checkpoint: Checkpoint | null = null;
    const saveCheckpoint = async (reached: Checkpoint): Promise<void> => {
      checkpoint ??= reached;
      for (const pid of moversOf(process.pid)) process.kill(pid, 'SIGKILL');
    };
    const killed = movers.createFromBackup(jobOf(volume, links), eventsOf({ saveCheckpoint }));
    await expect(killed).rejects.toThrow('The mover process ended in the middle of a move (SIGKILL).');

    const seen: Progress[] = [];
    const onProgress = (progress: Progress): void => void seen.push(progress);
    const next = await movers.createFromBackup(
      jobOf(volume, links, { epoch: 2, checkpoint }),
      eventsOf({ onProgress }),
    );
    expect(next).toMatchObject({ kind: 'created' });
    const location = lab.driver.locate(volume);
    expect(await sha256OfVolume(location, content.length)).toBe(sha256Of(content));
    // None, where the killed one had made all of it.
    const [first] = seen.filter(({ phase }) => phase === 'clone');
    expect(first?.doneBytes ?? content.length).toBeGreaterThan(32 * MIB);
    expect(readdirSync(lab.folder).filter((name) => name.endsWith('.clone'))).toEqual([]);
  });

  it.each(['restoreBackup', 'createFromBackup'] as const)(
    'were stopped before they took the volume: a %s that goes on when its path is another file changes no byte of it',
    async (move) => {
      const { links, content } = largeBackup(root);
      const volume =
        move === 'restoreBackup' ? await lab.newVolume() : { ...(await lab.newVolume()), id: randomUUID() };
      const zombies = newPool();
      let successorIsDone = false;
      let outcome: Promise<unknown> = Promise.resolve();
      const pids = await new Promise<number[]>((resolve) => {
        const onPlanned = async (): Promise<void> => {
          const own = moversOf(process.pid);
          own.forEach(stopProcess);
          resolve(own);
        };
        // What the catalog says: see test/catalog/writing.test.ts.
        const confirm = async (): Promise<void> => {
          if (successorIsDone) throw new Refusal('Fenced', 'Writer 1 has been replaced.');
        };
        outcome = zombies[move](jobOf(volume, links, { overwrites: true }), eventsOf({ onPlanned, confirm }));
        outcome = outcome.catch((error: unknown) => error);
      });
      const successor = await newPool()[move](jobOf(volume, links, { epoch: 2 }), eventsOf());
      const { location } = 'moved' in successor ? successor.moved : (successor as Moved);
      expect(await sha256OfVolume(location, content.length)).toBe(sha256Of(content));
      successorIsDone = true;
      await lab.driver.deleteVolume(volume);
      writeFileSync(location, '');
      truncateSync(location, GIB);
      await fillWithNoise(location);
      const before = await sha256OfVolume(location, 128 * MIB);

      pids.forEach((pid) => process.kill(pid, 'SIGCONT'));

      expect(await outcome).toMatchObject({ code: 'Fenced' });
      expect(await sha256OfVolume(location, 128 * MIB)).toBe(before);
      expect(readdirSync(lab.folder).filter((name) => name.includes(volume.id))).toEqual([path.basename(location)]);
    },
  );
});

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
