import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { startHouse } from '../support/house';
import type { House } from '../support/house';

let house: House;

beforeAll(async () => {
  house = await startHouse({
    config: {
      worker: { reportEveryMs: 500, reconcileEveryMs: null, lookForOrphansEveryMs: 1_000, orphanGraceHours: 0 },
    },
  });
});
afterAll(() => house.stop());

/** As a process makes it that was stopped, and goes on when all is over. */
const leaveDataOf = (volumeId: string) => writeFileSync(path.join(house.poolPath(), `volume-${volumeId}`), 'late');

it('what a zombie makes of a volume that is deleted is removed; what the catalog does not know is kept and told of', async () => {
  const kept = await house.create({ sizeGib: 1 });
  await house.settled(kept);
  const deleted = await house.create({ sizeGib: 1 });
  await house.settled(deleted);
  await house.remove(deleted);
  await eventually(async () => ((await house.volume(deleted)) === null ? true : null));
  const unknown = randomUUID();

  leaveDataOf(deleted);
  leaveDataOf(unknown);

  const expected = [`volume-${kept}`, `volume-${unknown}`].sort();
  await eventually(async () => (house.volumes().sort().join() === expected.join() ? true : null));
  await eventually(async () => ((await house.catalog.listOrphans()).length === 1 ? true : null));
  expect(await house.catalog.listOrphans()).toMatchObject([{ volumeId: unknown, reason: 'unknown', removeAt: null }]);
  expect(house.volumes().sort()).toEqual(expected);
});
