import { readFile } from 'node:fs/promises';

/** In MiB: `VmRSS` is what a process takes now, `VmHWM` the most that it has taken. The largest of all processes that this one has started. */
export async function largestChildMib(figure: 'VmRSS' | 'VmHWM'): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const statuses = await Promise.all(
    children
      .trim()
      .split(' ')
      .map((pid) => readFile(`/proc/${pid}/status`, 'utf8')),
  );
  const kib = statuses.map((status) => Number(new RegExp(`^${figure}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]));
  return Math.max(...kib) / 1024;
}
