import { readdirSync, readFileSync } from 'node:fs';

/** The mover processes that a worker has started. */
export function moversOf(workerPid: number): number[] {
  return childrenOf(workerPid, /[/]mover[.]js\0?$/);
}

/** Its process for short calls of drivers. */
export function callProcessOf(workerPid: number): number[] {
  return childrenOf(workerPid, /[/]mover[.]js\0short-calls\0?$/);
}

function childrenOf(parent: number, command: RegExp): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && statOf(pid)?.parent === parent && command.test(read(`/proc/${pid}/cmdline`) ?? ''));
}

/** A zombie, which only waits to be reaped, does not run. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** SIGSTOP: it does nothing any more, until it is killed or goes on. */
export function stopProcess(pid: number): void {
  process.kill(pid, 'SIGSTOP');
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // proc_pid_stat(5): what follows the command in parentheses.
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
