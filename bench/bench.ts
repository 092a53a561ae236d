import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chosenCases, nameOf } from './cases';
import { runCase } from './case-run';
import type { CaseResult } from './case-run';
import { describeMachine } from './machine';
import { readOptions, USAGE } from './options';
import type { BenchOptions } from './options';
import { prepare } from './preparation';
import { installPython } from './python';
import { renderLegend, renderTable } from './table';
import { judge } from './verdict';

/** `npm run bench`: Rekindle against Cinder's own code, side by side. */
async function main(options: BenchOptions): Promise<void> {
  const { cache, filter, runs } = options;
  const cases = chosenCases(filter);
  if (cases.length === 0) throw new TypeError('No case matches.');
  await mkdir(join(cache, 'pool'), { recursive: true });
  const python = await installPython(cache);
  await prepare(python, cache, cases);
  if (options.prepareOnly) return;
  const machine = await describeMachine(cache);
  const results: CaseResult[] = [];
  for (const each of cases) {
    console.error(`${results.length + 1}/${cases.length}: ${nameOf(each)}`);
    results.push(await runCase(each, { python, cache, runs }));
    // After each case, so that a run that is interrupted leaves what it has.
    if (options.json !== null) await writeJson(options.json, machine, results);
  }
  console.log(`${renderTable(results)}\n\n${renderLegend(results, machine)}`);
}

async function writeJson(file: string, machine: string, results: readonly CaseResult[]): Promise<void> {
  const judged = results.map((result) => ({ ...result, verdict: judge(result) }));
  await writeFile(file, `${JSON.stringify({ machine, results: judged }, null, 2)}\n`);
}

main(readOptions(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error);
  if (error instanceof TypeError) console.error(USAGE);
  process.exitCode = 1;
});
