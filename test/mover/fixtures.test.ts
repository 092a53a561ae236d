import path from 'node:path';
import { GIB } from '../../src/domain/volume';
import { projectFolder } from '../../src/local/project-folder';
import { moverPool } from '../../src/mover/mover-pool';
import type { MoverPool } from '../../src/mover/mover-pool';
import { diceOf } from '../fuzz/dice';
import { openFrom } from '../image/assemble';
import { BIG_FIXTURES, fixture, LABELS, OBJECT_STORE_FIXTURES, SMALL_FIXTURES } from '../support/fixtures';
import type { FixtureName, Label } from '../support/fixtures';
import { contentOfVolume, fillWithNoise } from '../support/volume-content';
import { killedRestore } from './killed-restore';
import { eventsOf, jobOf, MoverLab } from './movers-contract';

const MIB = 1024 ** 2;
const ENTRY = path.join(projectFolder(), 'dist', 'src', 'mover.js');
const LARGE: readonly FixtureName[] = [...BIG_FIXTURES, ...OBJECT_STORE_FIXTURES];

/** `npm run test:fixtures`: each link of the 1 GiB fixtures with a kill too, and not only these. */
const EVERYTHING = process.env['REKINDLE_EVERY_FIXTURE'] !== undefined;
const KILLED_OF_LARGE: readonly Label[] = ['inc1', 'inc3'];
/** Of the moments of the kills. Another one each time, unless it is given. */
const SEED = Number(process.env['REKINDLE_FIXTURES_SEED'] ?? Date.now() % 2 ** 31);

describe(`restored by mover processes (kills by REKINDLE_FIXTURES_SEED=${SEED})`, () => {
  describe.each([...SMALL_FIXTURES, ...LARGE])('%s, written by Cinder', (name) => {
    const chain = fixture(name);
    const lab = new MoverLab();
    let movers: MoverPool;
    /** Apart, so that none that is dying is given the next move. */
    let killed: MoverPool;

    beforeAll(() => {
      [movers, killed] = [newPool(), newPool()];
    });
    afterAll(async () => {
      await Promise.all([movers.stop(), killed.stop()]);
      lab.remove();
    });

    function newPool(): MoverPool {
      return moverPool({ entry: ENTRY, env: process.env, settings: lab.settings(chain.repoRoot), memoryMib: 256 });
    }

    async function expectRight(file: string, label: Label): Promise<void> {
      const { contentSha256, volumeBytes } = chain;
      expect(await contentOfVolume(file, volumeBytes)).toEqual({
        sha256: contentSha256(label),
        zerosFollow: true,
        sizeBytes: GIB,
      });
    }

    it.each(LABELS)('%s is right', async (label) => {
      const volume = await lab.newVolume();
      const { location, dataBytes, copiedBytes } = await movers.restoreBackup(
        jobOf(volume, chain.links(label)),
        eventsOf(),
      );
      await expectRight(location, label);
      expect(copiedBytes).toBe(dataBytes);
      await lab.driver.deleteVolume(volume);
    });

    const withKill = EVERYTHING || !LARGE.includes(name) ? LABELS : KILLED_OF_LARGE;

    it.each(withKill)('%s is right after a kill in the middle, and nothing is copied twice', async (label) => {
      const image = await openFrom(chain.repoRoot, chain.links(label));
      const { dataBytes } = image.plan;
      const dice = diceOf(SEED + LABELS.indexOf(label));
      const volume = await lab.newVolume();
      const file = lab.driver.locate(volume);
      // Where nothing but zeros is to be restored, there is something to do only on a volume that holds something else.
      if (dataBytes === 0 || dice.chance(50)) await fillWithNoise(file);
      const kill = { file, image, atByte: dice.between(1, Math.max(1, dataBytes)) };

      const { checkpoint, rightBytes } = await killedRestore(killed, jobOf(volume, chain.links(label)), kill);
      const next = await movers.restoreBackup(jobOf(volume, chain.links(label), { epoch: 2, checkpoint }), eventsOf());

      await expectRight(next.location, label);
      // Under a checkpoint the rest isn't looked at, and copied; it is at most so much.
      const mostTwice = checkpoint === null ? 0 : 64 * MIB;
      expect(next.copiedBytes).toBeLessThanOrEqual(dataBytes - rightBytes + mostTwice);
      await lab.driver.deleteVolume(volume);
    });
  });
});
