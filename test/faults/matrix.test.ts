import type { ControlHouse, DataHouse } from '../../activities/house';
import { controlSteps, copySteps, poolSteps, repositorySteps } from '../../activities/index';
import { matrix } from './matrix';
import type { NamedCase } from './matrix';
import { runCase } from './run-case';
import type { Verdict } from './run-case';
import { WAYS } from './ways';
import { startWorld } from './world';
import type { World } from './world';

jest.setTimeout(600_000);

const LANES = Number(process.env['REKINDLE_FAULT_LANES'] ?? 32);
const ONLY = process.env['REKINDLE_FAULT_ONLY'];
const CASES = matrix().filter(({ name }) => !ONLY || name.includes(ONLY));

describe('the failure matrix', () => {
  let world: World;
  const verdicts = new Map<NamedCase, Promise<Verdict>>();

  beforeAll(async () => {
    world = await startWorld();
    const lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
    CASES.forEach((one, index) => {
      const lane = index % LANES;
      const running = lanes[lane]!.then(() => runCase(world, one));
      running.catch(() => undefined);
      verdicts.set(one, running);
      lanes[lane] = running.catch(() => undefined);
    });
  });
  afterAll(() => world.stop());

  it('has cases for every step that there is', () => {
    const steps = [controlSteps, poolSteps, copySteps, repositorySteps].flatMap((stepsOf) =>
      Object.keys(stepsOf({} as ControlHouse & DataHouse)),
    );
    const named = new Set<string>(WAYS.flatMap((way) => [...way.steps, ...way.compensations]));
    expect(steps.filter((step) => !named.has(step))).toEqual([]);
  });

  it.each(CASES)('$name', async (one) => {
    const { faults, missed } = await verdicts.get(one)!;
    expect(faults).toEqual([]);
    expect(missed).toEqual([]);
  });
});
