import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { House } from './house';
import { startProduct } from './product-process';
import { supervise } from './supervisor';
import type { Supervisor } from './supervisor';

/** A data worker of a house, as `npm run worker` starts it, started again whenever it is killed. */
export function startDataWorker(house: House, folder: string): Supervisor {
  const file = path.join(folder, 'rekindle.yml');
  writeFileSync(file, configurationOf(house));
  return supervise(() => startProduct('src/worker.ts', { REKINDLE_CONFIG: file }));
}

function configurationOf({ config, database }: House): string {
  // YAML holds JSON.
  return JSON.stringify({
    ...config,
    logLevel: 'warn',
    database: { ...config.database, url: database.url },
    worker: { ...config.worker, roles: ['data'] },
  });
}
