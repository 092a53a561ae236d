import { cpus, release, totalmem } from 'node:os';
import { GIB } from '../src/domain/volume';
import { run } from './command';

/** One line: without it, no figure says anything. */
export async function describeMachine(folder: string): Promise<string> {
  const cores = cpus();
  const memory = Math.round(totalmem() / GIB);
  return [
    (cores[0]?.model ?? 'unknown CPU').trim(),
    `${cores.length} cores`,
    `${memory} GiB`,
    await fileSystemOf(folder),
    `Linux ${release()}`,
    `Node ${process.version}`,
  ].join(', ');
}

async function fileSystemOf(folder: string): Promise<string> {
  return (await run('df', ['--output=fstype', folder])).trim().split('\n').at(-1)!;
}
