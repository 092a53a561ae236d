import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../../src/local/project-folder';
import type { Clock } from './clocks';
import type { Wire } from './wire';

/** One process of the product, started again whenever it dies, as an init system does. */
export interface Actor {
  readonly name: string;
  readonly kind: 'api' | 'control' | 'data';
  /** Its lines to the servers. */
  readonly wires: { readonly database: Wire; readonly temporal: Wire };
  /** Null where clocks can't be set. */
  readonly clock: Clock | null;
  /** Null while none runs. */
  pid(): number | null;
  /** Where it answers, of an API. */
  readonly url: string;
  /** How often it ended by itself: it could not start, or gave up. Each time it is started again. */
  endedByItself(): number;
  stop(): Promise<void>;
}

export interface Part {
  readonly name: string;
  readonly kind: Actor['kind'];
  readonly wires: Actor['wires'];
  readonly config: object;
  readonly apiPort: number;
  readonly clock: Clock | null;
}

const ENTRY = { api: 'server.js', control: 'worker.js', data: 'worker.js' } as const;
/** An init system waits a moment before it starts again what ended. */
const RESTART_AFTER_MS = 200;

/** Starts it and keeps it running. What it says goes to `<folder>/<name>.log`. */
export function play(folder: string, { name, kind, wires, config, apiPort, clock }: Part): Actor {
  const file = path.join(folder, `${name}.yml`);
  // YAML holds JSON.
  writeFileSync(file, JSON.stringify(config));
  const log = openSync(path.join(folder, `${name}.log`), 'a');
  const entry = path.join(projectFolder(), 'dist', 'src', ENTRY[kind]);
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], REKINDLE_CONFIG: file, ...clock?.env };
  const start = (): ChildProcess => spawn(process.execPath, [entry], { env, stdio: ['ignore', log, log] });

  let stopping = false;
  const life: Life = { child: start(), ended: 0, isStopping: () => stopping };
  const watching = keepRunning(life, start);
  return {
    name,
    kind,
    wires,
    clock,
    url: `http://127.0.0.1:${apiPort}`,
    pid: () => life.child?.pid ?? null,
    endedByItself: () => life.ended,
    stop: async () => {
      stopping = true;
      life.child?.kill('SIGTERM');
      await watching;
      closeSync(log);
    },
  };
}

interface Life {
  child: ChildProcess | null;
  /** How often it ended by itself. */
  ended: number;
  /** Asked again after each wait. */
  isStopping(): boolean;
}

async function keepRunning(life: Life, start: () => ChildProcess): Promise<void> {
  while (life.child !== null) {
    const [, signal] = (await once(life.child, 'exit')) as [number | null, string | null];
    life.child = null;
    if (life.isStopping()) return;
    if (signal !== 'SIGKILL') life.ended += 1;
    await sleep(RESTART_AFTER_MS);
    if (!life.isStopping()) life.child = start();
  }
}
