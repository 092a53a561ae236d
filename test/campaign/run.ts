// `npm run kill`: the long campaign. REKINDLE_KILLS, REKINDLE_KILL_SEED; REKINDLE_KILL_LOGS: a folder for what the processes said.
import { campaign } from './campaign';
import { faultsOf, tableOf } from './table';

const seed = Number(process.env['REKINDLE_KILL_SEED'] ?? 1);
const kills = Number(process.env['REKINDLE_KILLS'] ?? 200);
const logsTo = process.env['REKINDLE_KILL_LOGS'] ?? null;
const length = process.env['REKINDLE_KILL_LENGTH'] === 'short' ? 'short' : 'long';

async function main(): Promise<void> {
  const beganAt = performance.now();
  const log = (line: string): void =>
    console.log(`${((performance.now() - beganAt) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
  const outcome = await campaign({ seed, kills, length, pauseMs: [300, 3_000], users: 8, log, logsTo });
  console.log(`\n${tableOf(outcome)}\n`);
  for (const [why, count] of outcome.ledger.refusals) console.log(`refused ${count} times: ${why}`);
  for (const { volumeId, message } of outcome.aftermath.messages) console.log(`told of ${volumeId}: ${message}`);
  const faults = faultsOf(outcome);
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

void main();
