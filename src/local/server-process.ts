import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { identifyProcess, isAlive } from './process-identity';
import type { ProcessIdentity } from './process-identity';

/** The user and group that a server runs as; null for our own. */
export type Account = { readonly uid: number; readonly gid: number } | null;

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Takes what the server says, after what is there already. */
  readonly logFile: string;
  readonly account: Account;
  /** Default: ours. */
  readonly workingFolder?: string;
}

const POLL_MS = 20;

/**
 * Starts a server in a process group of its own, so that Ctrl-C reaches only us and we can stop the servers in the right
 * order. It outlives us if we are killed: whoever comes next in its folder adopts it.
 */
export async function launchServer(server: ServerCommand): Promise<ProcessIdentity> {
  const log = await open(server.logFile, 'a', 0o600);
  try {
    const child = spawn(server.command, server.args, {
      detached: true,
      cwd: server.workingFolder,
      env: server.env,
      stdio: ['ignore', log.fd, log.fd],
      ...server.account,
    });
    await once(child, 'spawn');
    child.unref();
    if (child.pid === undefined) throw new Error(`${server.command} has no process id`);
    // A server that ended already is as good as any dead one: the caller sees it when it waits for the first answer.
    return (await identifyProcess(child.pid)) ?? { pid: child.pid, startedAt: 'ended' };
  } finally {
    await log.close();
  }
}

export interface Readiness {
  readonly name: string;
  readonly process: ProcessIdentity;
  readonly logFile: string;
  readonly timeoutMs: number;
  /** Resolves when the server answers, and rejects (soon) when it doesn't. */
  readonly probe: () => Promise<unknown>;
}

/** @throws Error with the last lines of the log, if the server ends or stays silent until the timeout. */
export async function whenReady(readiness: Readiness): Promise<void> {
  const deadline = performance.now() + readiness.timeoutMs;
  for (;;) {
    const failure = await readiness.probe().then(() => null, toError);
    if (!failure) return;
    const ended = !(await isAlive(readiness.process));
    if (ended || performance.now() > deadline) {
      const what = ended ? 'ended while starting' : `did not answer within ${readiness.timeoutMs / 1000} s`;
      const lines = await lastLines(readiness.logFile, 15);
      throw new Error(`${readiness.name} ${what}. The end of ${readiness.logFile}:\n${lines}`, { cause: failure });
    }
    await sleep(POLL_MS);
  }
}

export interface StopOrder {
  readonly signal: NodeJS.Signals;
  /** What follows if the first signal has not ended it in time. */
  readonly lastResort: NodeJS.Signals;
  readonly graceMs: number;
}

/** Returns when the process is gone. A process that is gone already is success. */
export async function stopProcess(server: ProcessIdentity, order: StopOrder): Promise<void> {
  await send(server, order.signal);
  if (await isGoneWithin(server, order.graceMs)) return;
  await send(server, order.lastResort);
  if (!(await isGoneWithin(server, order.graceMs))) throw new Error(`Process ${server.pid} can't be stopped`);
}

async function send(server: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(server))) return;
  try {
    process.kill(server.pid, signal);
  } catch (error) {
    // ESRCH: it has ended since we looked.
    if (!(isNativeError(error) && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function isGoneWithin(server: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (await isAlive(server)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '(no log)');
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function toError(reason: unknown): Error {
  return isNativeError(reason) ? reason : new Error(String(reason));
}
