import { readFile, readlink, readdir } from 'node:fs/promises';

/** A process, safe against the reuse of its number: a later process with this pid has another start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process, as text: field 22 of /proc/<pid>/stat. */
  readonly startedAt: string;
}

/** null if there is no such process, or if it has ended, with all its threads, and only waits to be reaped. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // proc(5): the second field, the command in parentheses, may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const startedAt = fields?.[19];
  if (!startedAt || state === 'X' || (state === 'Z' && (await threadsOf(pid)) <= 1)) return null;
  return { pid, startedAt };
}

/** A killed process is a zombie while threads of it have yet to go: until then its ports and files are taken. */
async function threadsOf(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  return tasks.length;
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startedAt === identity.startedAt;
}

/** null when the process is gone or isn't ours to look at. */
export async function workingFolderOf(pid: number): Promise<string | null> {
  return readlink(`/proc/${pid}/cwd`).catch(() => null);
}

/** The processes that stand in a folder (its real path), so far as we may look at them. */
export async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(pids.map(workingFolderOf));
  return pids.filter((_, index) => folders[index] === folder);
}

/** The command and its arguments; empty when the process is gone or isn't ours to look at. */
export async function commandLineOf(pid: number): Promise<string[]> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0').slice(0, -1);
}
