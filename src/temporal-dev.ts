import { join } from 'node:path';
import { readConfig, readEnvironment } from './config';
import { readTemporalDevFile } from './local/temporal-dev-file';
import { findTemporalCli } from './local/temporal-cli';
import { startTemporal } from './local/temporal-server';
import { awake, stopSignal } from './processes/stop-signal';

/** `npm run temporal`: the development server alone, where clients and workers look for it by default. */
async function main(): Promise<void> {
  const stopped = stopSignal();
  const config = readConfig();
  const file = await readTemporalDevFile();
  const cli = await findTemporalCli({
    explicitPath: config.temporal.cli,
    version: file.version,
    env: readEnvironment(),
    log: say,
  });
  const folder = join(config.dataDir, 'temporal');
  const { port, uiPort } = config.temporal;
  const temporal = await startTemporal({ folder, cli: cli.path, file, port, uiPort });
  say(`Temporal answers at ${temporal.address}, namespace ${temporal.namespace} (${cli.description})`);
  say(`Its UI: ${temporal.uiUrl ?? 'none'}`);
  say(`Its data and log: ${folder}. Ctrl-C stops it.`);
  await awake(stopped);
  await temporal.stop();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
