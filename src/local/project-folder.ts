import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: one and the same from `src/` and from its mirror in `dist/`. */
export function projectFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new Error(`No package.json above ${__dirname}`);
}
