import { join } from 'node:path';
import { projectFolder } from '../src/local/project-folder';
import { pythonVenv } from '../test/support/python-venv';

/** The Python that has upstream Cinder, in the cache. */
export async function installPython(cache: string): Promise<string> {
  const { python } = await pythonVenv(join(cache, 'venv'), scriptPath('requirements.txt'));
  return python;
}

/** A file of `bench/` that isn't compiled. */
export function scriptPath(...parts: readonly string[]): string {
  return join(projectFolder(), 'bench', ...parts);
}
