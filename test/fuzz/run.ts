import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MOST_SECONDS_OF_A_CASE = 60;
/** In memory where that can be had: most of a case is making and removing small files. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface Run {
  /** Of the first case; each later one has the next. */
  readonly seed: number;
  readonly cases: number;
  readonly timeoutMs: number;
}

/** `REKINDLE_FUZZ_SEED` and `REKINDLE_FUZZ_CASES`; another run each time, of so many cases, without them. */
export function requestedRun(cases: number): Run {
  const requested = Number(process.env['REKINDLE_FUZZ_CASES'] ?? cases);
  const seed = Number(process.env['REKINDLE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  return { seed, cases: requested, timeoutMs: 300_000 + requested * 500 };
}

/** Checks one case after the other, each in a folder of its own. A case that fails says how it is repeated alone. */
export async function checkCases(
  title: string,
  { seed: first, cases }: Run,
  check: (seed: number, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(FOLDER, 'rekindle-fuzz-'));
  const startedMs = Date.now();
  print(`${title}: ${cases} cases from seed ${first}`);
  for (let seed = first; seed < first + cases; seed += 1) {
    const caseFolder = path.join(folder, `${seed}`);
    mkdirSync(caseFolder);
    await within(check(seed, caseFolder)).catch((error: unknown) => {
      throw new Error(failureOf(title, seed, caseFolder, error), { cause: error });
    });
    rmSync(caseFolder, { recursive: true });
  }
  rmSync(folder, { recursive: true });
  print(`${title}: ${cases} cases in ${Math.round((Date.now() - startedMs) / 1000)} s`);
}

function failureOf(title: string, seed: number, folder: string, error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const repeat = `REKINDLE_FUZZ_SEED=${seed} REKINDLE_FUZZ_CASES=1 npx jest test/fuzz -t '${title}'`;
  return `The case of seed ${seed} fails: ${what}\nIts repository: ${folder}\nAgain: ${repeat}`;
}

/** Against hanging; a loop that never yields is the runner's to end. */
async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`It is not over after ${MOST_SECONDS_OF_A_CASE} s`);
    timer = setTimeout(() => reject(error), MOST_SECONDS_OF_A_CASE * 1000);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Not by `console`, which adds a stack to every line under jest. */
function print(line: string): void {
  process.stdout.write(`fuzz: ${line}\n`);
}
