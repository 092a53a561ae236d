import { join } from 'node:path';
import { cacheFolder } from '../../src/local/cache-folder';
import { projectFolder } from '../../src/local/project-folder';
import { pythonVenv } from './python-venv';
import type { PythonVenv } from './python-venv';

/** What `beforeAll` has to allow where this runs for the first time: PyPI may be slow. */
export const INSTALL_TIMEOUT_MS = 600_000;

/** Cinder's clients and Keystone, from PyPI. */
export function clientsVenv(): Promise<PythonVenv> {
  return pythonVenv(join(cacheFolder(process.env), 'clients', 'venv'), clientsFile('requirements.txt'));
}

/** A file of `test/clients/` that isn't TypeScript. */
export function clientsFile(...parts: readonly string[]): string {
  return join(projectFolder(), 'test', 'clients', ...parts);
}
