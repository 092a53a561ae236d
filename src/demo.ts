import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { destination, pino } from 'pino';
import { readConfig, readEnvironment } from './config';
import type { Config } from './config';
import { runDemo } from './demo/run';
import { startOneMachine } from './processes/one-machine';
import { temporalTarget } from './processes/parts';
import { sentenceOf } from './processes/run-until-stopped';
import { stopSignal } from './processes/stop-signal';
import { connectClient } from './temporal';

/** `npm run demo`: everything on this machine, genuine backups in, volumes out, and the proof. */
async function main(): Promise<void> {
  const { keep } = new Command('npm run demo --')
    .description('Restores genuine Cinder backups on this machine and checks every byte.')
    .option('--keep', 'leave everything running afterwards, until Ctrl-C')
    .parse()
    .opts<{ keep?: boolean }>();
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-demo-'));
  // As root, PostgreSQL runs as another user, who has to reach its folder.
  await chmod(folder, 0o755);
  const log = pino(destination(join(folder, 'demo.log')));
  const stopped = stopSignal();
  const machine = await startOneMachine({
    config: demoConfig(readConfig(), folder),
    log,
    env: readEnvironment(),
    say,
  });
  const client = await connectClient(temporalTarget(machine.config));
  try {
    const right = await Promise.race([runDemo({ machine, client, say }), stopped, machine.failed]);
    process.exitCode = right === true ? 0 : 1;
    if (keep) {
      say(`\nLeft running; data and log: ${folder}. Ctrl-C stops and removes everything.`);
      await Promise.race([stopped, machine.failed]);
    }
  } finally {
    await client.connection.close();
    await machine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing of a real installation is touched: own folder, free ports, and heartbeats as often as the bar is drawn. */
function demoConfig(config: Config, folder: string): Config {
  return {
    ...config,
    dataDir: folder,
    api: { ...config.api, host: '127.0.0.1', port: 0 },
    database: { ...config.database, url: undefined },
    temporal: { ...config.temporal, address: undefined, uiUrl: undefined, namespace: 'rekindle' },
    quota: { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1, perVolumeGigabytes: -1 },
    backends: [],
    repositories: [],
    restore: { ...config.restore, heartbeatThrottleMs: 100 },
    worker: { ...config.worker, roles: ['control', 'data'] },
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
});
