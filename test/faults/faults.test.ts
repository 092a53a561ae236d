import type { ControlHouse, DataHouse } from '../../activities/house';
import { controlSteps, copySteps, planSteps, poolSteps, repositorySteps } from '../../activities/index';
import type { StepName } from '../../activities/index';
import { randomCase, runInLanes } from './campaign';
import { isSlow, matrix, matrixInShort } from './matrix';
import type { NamedCase } from './matrix';
import type { Verdict } from './run-case';
import { Tally } from './table';
import { WAYS } from './ways';
import { startWorld } from './world';
import type { World } from './world';

const LANES = Number(process.env['REKINDLE_FAULT_LANES'] ?? 16);
/** Of all cases together, in the long run. */
const REQUESTED = process.env['REKINDLE_FAULT_CASES'];
/** The long run looks for what nobody has seen; the gate asks whether what held still holds. */
const SEED = Number(
  process.env['REKINDLE_FAULT_SEED'] ?? (REQUESTED === undefined ? 643_854_855 : Date.now() % 2 ** 31),
);
/** Only those whose name has this in it. */
const ONLY = process.env['REKINDLE_FAULT_ONLY'] ?? '';

const CASES = (REQUESTED === undefined && ONLY === '' ? matrixInShort() : matrix()).filter(({ name }) =>
  name.includes(ONLY),
);
const RANDOM = Math.max(0, REQUESTED === undefined ? (ONLY === '' ? 40 : 0) : Number(REQUESTED) - CASES.length);
/** A dry run; test/api/explain.test.ts sees to it that it is one. */
const CHANGING_NOTHING: ReadonlySet<string> = new Set<StepName>(['judgeRequest', 'planRestore']);
/**
 * Whoever reports the pools pays debts, too, and may be the first: then there is no removal left. And a run of the reconciler looks after all cases, so that
 * the fault in it may be another's.
 */
const MAY_BE_MISSED: readonly StepName[] = ['removeVolume', 'findAbandoned'];
const PROGRESS_EVERY = 100;

jest.setTimeout(600_000 + (CASES.length + RANDOM) * 2_000);

/** Not by `console`, which adds a stack to every line under jest. */
function print(line: string): void {
  process.stdout.write(`faults: ${line}\n`);
}

describe('whatever happens', () => {
  let world: World;
  const tally = new Tally();
  const told = new Map<NamedCase, (verdict: Verdict) => void>();
  const verdicts = new Map(CASES.map((one) => [one, new Promise<Verdict>((resolve) => told.set(one, resolve))]));
  const inVain: string[] = [];
  let all: Promise<void>;

  beforeAll(async () => {
    world = await startWorld();
    const random = Array.from({ length: RANDOM }, (_, index) => randomCase(SEED + index));
    const startedMs = Date.now();
    print(`${CASES.length} cases of the matrix and ${RANDOM} random ones from seed ${SEED}`);
    // The slow ones wait most of their time, beside the others.
    const inOrder = [...CASES].sort((one, other) => Number(isSlow(other)) - Number(isSlow(one)));
    all = runInLanes(world, [...inOrder, ...random], {
      lanes: LANES,
      onVerdict: (one, verdict) => {
        tally.add(one, verdict);
        told.get(one)?.(verdict);
        if (verdict.faults.length > 0) {
          const faults = verdict.faults.map(({ kind, what }) => `${kind}: ${what}`).join('; ');
          print(`FAILED: ${one.name}\n  ends ${verdict.end}; ${faults}`);
          if (!told.has(one)) inVain.push(`${one.name}: ${faults}`);
        }
        if (tally.count % PROGRESS_EVERY === 0) {
          print(`${Math.round((Date.now() - startedMs) / 1000)} s: ${tally.sum}`);
        }
      },
    });
  });
  afterAll(async () => {
    print(`what they came to:\n\n${tally.toString()}\n`);
    await world.stop();
  });

  it('has cases for every step that there is', () => {
    const steps = [controlSteps, planSteps, poolSteps, copySteps, repositorySteps].flatMap((stepsOf) =>
      Object.keys(stepsOf({} as ControlHouse & DataHouse)),
    );
    const named = new Set<string>(WAYS.flatMap((way) => [...way.steps, ...way.compensations]));
    expect(steps.filter((step) => !named.has(step) && !CHANGING_NOTHING.has(step))).toEqual([]);
  });

  it.each(CASES)('$name', async (one) => {
    const { faults, missed } = await verdicts.get(one)!;
    expect(faults).toEqual([]);
    expect(missed.filter(({ step }) => !MAY_BE_MISSED.includes(step))).toEqual([]);
  });

  it('and with two or three faults at random', async () => {
    await all;
    expect(inVain).toEqual([]);
  });
});
