import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './system-error';

/** A process, safe against the reuse of its number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and clock ticks since boot; differs when another process, also one after a reboot, has this pid. */
  readonly startedAt: string;
}

export async function thisProcess(): Promise<ProcessIdentity> {
  return { pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'unknown' };
}

/** Whether any thread of the process can still write. */
export async function isAlive({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await startOf(pid)) === startedAt;
}

export function sameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startedAt === other.startedAt;
}

/** Whether it does nothing until somebody lets it go on (SIGSTOP). */
export async function isStopped({ pid }: ProcessIdentity): Promise<boolean> {
  const stat = await readProc(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).startsWith('T') ?? false;
}

/** So long a process may take to go that sits in a system call. */
const KILL_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** SIGKILL; a stopped process goes too. True once no thread of it is left, false if it can't be killed or takes too long. */
export async function killProcess(identity: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) return false;
  }
  for (const deadline = performance.now() + KILL_MS; await isAlive(identity);) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** Changes with each boot of this machine. Where it can't be told, with each process. */
export async function bootId(): Promise<string> {
  const found = await ifThere(readFile('/proc/sys/kernel/random/boot_id', 'utf8'));
  return found?.trim() ?? `unknown, seen by process ${process.pid} from ${performance.timeOrigin}`;
}

/** null if there is no such process. */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return exists(pid) ? 'unknown' : null;
  const stat = await readProc(`/proc/${pid}/stat`);
  // proc_pid_stat(5): the second field, the command in parentheses, may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields?.[0], fields?.[19]];
  if (!ticks || state === 'X' || (state === 'Z' && (await threadsOf(pid)) <= 1)) return null;
  return `${await bootId()}/${ticks}`;
}

/** A killed process is a zombie while other threads of it may still sit in a write; they vanish from here as they end. */
async function threadsOf(pid: number): Promise<number> {
  const tasks = await ifThere(readdir(`/proc/${pid}/task`));
  return tasks?.length ?? 0;
}

function readProc(path: string): Promise<string | null> {
  return ifThere(readFile(path, 'utf8'));
}

/** null when the process is gone: ENOENT before the file was opened, ESRCH after. */
async function ifThere<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}
