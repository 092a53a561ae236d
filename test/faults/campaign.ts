import { diceOf } from '../fuzz/dice';
import type { Dice } from '../fuzz/dice';
import { LATEST_FAULT } from './faults';
import type { Strike } from './faults';
import { faultsAt } from './matrix';
import type { NamedCase } from './matrix';
import { runCase } from './run-case';
import type { Case, Verdict } from './run-case';
import { WAYS } from './ways';
import type { End, Way } from './way';
import type { World } from './world';

/** Cases side by side, in so many lanes; what one comes to is told as it comes. An error of the test's own is a verdict too. */
export async function runInLanes<One extends Case>(
  world: World,
  cases: readonly One[],
  { lanes, onVerdict }: { readonly lanes: number; readonly onVerdict: (one: One, verdict: Verdict) => void },
): Promise<void> {
  const queue = [...cases];
  const lane = async (): Promise<void> => {
    for (let one = queue.shift(); one; one = queue.shift()) onVerdict(one, await verdictOf(world, one));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function verdictOf(world: World, one: Case): Promise<Verdict> {
  try {
    return await runCase(world, one);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { end: 'stuck', missed: [], faults: [{ kind: 'stuck', what }] };
  }
}

/** Every end that some combination of faults may lead to. */
const ENDS: Readonly<Record<Way['workflow'], readonly End[]>> = {
  createVolumeFromBackup: ['available', 'refused', 'error, nothing left', 'error, data kept', 'error, removal owed'],
  createVolume: ['available', 'refused', 'error, nothing left'],
  restoreVolume: ['available', 'as it was', 'error_restoring'],
  extendVolume: ['available', 'as it was', 'error_extending'],
  deleteVolume: ['gone', 'as it was'],
  deleteBackup: ['backup gone', 'backup error_deleting', 'backup as it was'],
  reconcile: [],
};

/** Two or three faults at steps of some way. The same seed gives the same case. */
export function randomCase(seed: number): NamedCase {
  const dice = diceOf(seed);
  const way = dice.pick(WAYS);
  const strikes = Array.from({ length: dice.between(2, 3) }, () => strikeOn(way, dice));
  const told = strikes.map(({ workflow, step, fault }) => `${workflow} ${step} ${fault}`).join('; ');
  return { name: `seed ${seed}: ${way.name}: ${told}`, way, strikes, ends: endsOf(way, strikes) };
}

function strikeOn(way: Way, dice: Dice): Strike {
  const step = dice.pick([...way.steps, ...way.compensations]);
  return { workflow: way.workflow, step, fault: dice.pick(faultsAt(way, step)) };
}

function endsOf({ workflow, end, given = [] }: Way, strikes: readonly Strike[]): readonly End[] {
  // Another fault may have kept the volume from being deleted.
  const deleted: readonly End[] = strikes.some(({ fault }) => fault === LATEST_FAULT) ? ['gone'] : [];
  return [...new Set([end, ...ENDS[workflow], ...given.flatMap((one) => ENDS[one.workflow]), ...deleted])];
}
