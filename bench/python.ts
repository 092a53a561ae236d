import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../src/local/project-folder';
import { run } from './command';

/** The Python that has upstream Cinder: a venv in the cache, installed from PyPI if it isn't there. */
export async function installPython(cache: string): Promise<string> {
  const venv = join(cache, 'venv');
  const python = join(venv, 'bin', 'python');
  const requirements = scriptPath('requirements.txt');
  const stamp = join(venv, 'installed.txt');
  const wanted = await readFile(requirements, 'utf8');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return python;
  console.error('Installing Cinder from PyPI; this takes minutes, once.');
  await mkdir(cache, { recursive: true });
  await run('python3', ['-m', 'venv', venv]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  await writeFile(stamp, wanted);
  return python;
}

/** A file of `bench/` that isn't compiled. */
export function scriptPath(...parts: readonly string[]): string {
  return join(projectFolder(), 'bench', ...parts);
}
