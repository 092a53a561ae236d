import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimFolder } from '../../src/local/folder-claim';
import { eventually } from './eventually';

const run = promisify(execFile);

/** As long as the slowest installation may take, since another process may be in the midst of it. */
const PATIENCE_MS = 600_000;

export interface PythonVenv {
  readonly python: string;
  /** What a package has installed as a command. */
  command(name: string): string;
}

/**
 * A Python of our own with packages from PyPI, kept in the folder from run to run; installed where that isn't done yet or the
 * requirements (a file) have changed. Any number of processes may ask at once.
 * @throws Error if there is no `python3` with `venv`, or PyPI can't be reached
 */
export async function pythonVenv(folder: string, requirements: string): Promise<PythonVenv> {
  const command = (name: string): string => join(folder, 'bin', name);
  const python = command('python');
  const stamp = join(folder, 'installed.txt');
  const wanted = await readFile(requirements, 'utf8');
  const isInstalled = async (): Promise<boolean> => existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted;
  if (await isInstalled()) return { python, command };
  const claim = await eventually(() => claimFolder(folder).catch(() => null), PATIENCE_MS);
  try {
    if (!(await isInstalled())) {
      console.error(`Installing ${requirements} from PyPI; this takes a minute or more, once.`);
      await run('python3', ['-m', 'venv', folder]);
      await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
      await writeFile(stamp, wanted);
    }
  } finally {
    await claim.release();
  }
  return { python, command };
}
