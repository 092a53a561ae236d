import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from '../../src/domain/errors';
import type { VolumeOnPool } from '../../src/drivers/volume/driver';
import { projectFolder } from '../../src/local/project-folder';
import { CallProcess } from '../../src/mover/call-process';
import { callProcessOf, isRunning, stopProcess } from '../support/processes';
import { sha256OfVolume } from '../support/volume-content';
import { MoverLab } from './movers-contract';

const ENTRY = path.join(projectFolder(), 'dist', 'src', 'mover.js');
const CONTENT = Buffer.from('what the successor has written');

const mayDoIt = async (): Promise<void> => undefined;

describe('short calls of a driver, in a process of their own', () => {
  let lab: MoverLab;
  const started: CallProcess[] = [];

  beforeEach(() => {
    lab = new MoverLab();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.kill()));
    lab.remove();
  });

  function newProcess(callMs?: number): CallProcess {
    const one = new CallProcess({ entry: ENTRY, env: process.env, settings: lab.settings('') }, callMs);
    started.push(one);
    return one;
  }

  const filesOf = ({ id }: VolumeOnPool): string[] => readdirSync(lab.folder).filter((name) => name.includes(id));

  /** Writes something into a volume, and answers how to see that it is still there. */
  async function written(volume: VolumeOnPool): Promise<() => Promise<void>> {
    const file = lab.driver.locate(volume);
    writeFileSync(file, CONTENT, { flag: 'r+' });
    const sha256 = createHash('sha256').update(CONTENT).digest('hex');
    return async () => expect(await sha256OfVolume(file, CONTENT.length)).toBe(sha256);
  }

  /** A call that is stopped at the moment when all it has left to do is to do it. */
  async function zombie(what: 'create' | 'delete', volume: VolumeOnPool, epoch: number) {
    const process_ = newProcess();
    const before = callProcessOf(process.pid);
    let outcome: Promise<unknown> = Promise.resolve();
    const pid = await new Promise<number>((resolve) => {
      outcome = process_.call({ what, volume, epoch }, async () => {
        const [own] = callProcessOf(process.pid).filter((one) => !before.includes(one));
        stopProcess(own!);
        resolve(own!);
      });
      outcome = outcome.catch((error: unknown) => error);
    });
    return { pid, outcome };
  }

  it('make, extend and remove a volume', async () => {
    const { call } = newProcess();
    const volume = { id: '5b1f1c5e-1111-4222-8333-444455556666', sizeGib: 1, poolName: 'node1@files#pool' };

    await call({ what: 'create', volume, epoch: 1 }, mayDoIt);
    await call({ what: 'extend', volume, epoch: 2, newSizeGib: 2 }, mayDoIt);
    expect(filesOf(volume)).toContain(`volume-${volume.id}`);

    await call({ what: 'delete', volume: { ...volume, sizeGib: 2 }, epoch: 3 }, mayDoIt);
    expect(filesOf(volume)).toEqual([]);
  });

  it('pass a refusal on as it is', async () => {
    const volume = { ...(await lab.newVolume()), poolName: 'node1@files#none' };
    const refused = newProcess().call({ what: 'create', volume, epoch: 1 }, mayDoIt);
    await expect(refused).rejects.toMatchObject({ code: 'PoolRefused' });
  });

  it.each(['create', 'delete'] as const)(
    'touch nothing, and leave no lock, where a %s has lost its right',
    async (what) => {
      const volume = await lab.newVolume();
      const expectUntouched = await written(volume);

      const late = newProcess().call({ what, volume, epoch: 1 }, async () => {
        throw new Refusal('Fenced', 'Somebody else has it.');
      });

      await expect(late).rejects.toMatchObject({ code: 'Fenced' });
      await expectUntouched();
      expect(filesOf(volume)).toEqual([`volume-${volume.id}`]);
    },
  );

  it('that remove are killed by who makes the volume anew, and what he writes stays when they would go on', async () => {
    const volume = await lab.newVolume();
    const { pid, outcome } = await zombie('delete', volume, 5);

    await newProcess().call({ what: 'create', volume, epoch: 6 }, mayDoIt);
    const expectUntouched = await written(volume);

    expect(await outcome).toMatchObject({ message: 'The process of the call ended (SIGKILL).' });
    expect(isRunning(pid)).toBe(false);
    await expectUntouched();
  });

  it('that make a volume are killed by its removal, and bring nothing back when they would go on', async () => {
    const volume = { id: '5b1f1c5e-1111-4222-8333-444455556666', sizeGib: 1, poolName: 'node1@files#pool' };
    const { outcome } = await zombie('create', volume, 5);

    await newProcess().call({ what: 'delete', volume, epoch: 6 }, mayDoIt);

    expect(await outcome).toMatchObject({ message: 'The process of the call ended (SIGKILL).' });
    expect(filesOf(volume)).toEqual([]);
  });

  it('that are stopped in the middle of a removal do not keep another worker from removing it', async () => {
    const volume = await lab.newVolume();
    const { outcome } = await zombie('delete', volume, 5);

    await newProcess().call({ what: 'delete', volume, epoch: 5 }, mayDoIt);

    expect(await outcome).toMatchObject({ message: 'The process of the call ended (SIGKILL).' });
    expect(filesOf(volume)).toEqual([]);
  });

  it('that hang are given up with their process, and another one carries out the next', async () => {
    const { call } = newProcess(10_000);
    const volume = await lab.newVolume();
    const before = callProcessOf(process.pid);
    const hanging = call({ what: 'create', volume, epoch: 1 }, async () =>
      callProcessOf(process.pid)
        .filter((pid) => !before.includes(pid))
        .forEach(stopProcess),
    );
    await expect(hanging).rejects.toThrow('The process of the call ended (SIGKILL).');

    await call({ what: 'delete', volume, epoch: 2 }, mayDoIt);
    expect(filesOf(volume)).toEqual([]);
  });

  it('that remove one volume twice at once remove it once', async () => {
    const volume = await lab.newVolume();
    const { call } = newProcess();
    await Promise.all([1, 2].map(() => call({ what: 'delete', volume, epoch: 1 }, mayDoIt)));
    expect(filesOf(volume)).toEqual([]);
  });
});
