import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase } from './database';
import { damageableCopy, fixture } from './fixtures';
import type { Fixture } from './fixtures';
import { startProduct } from './product-process';
import { suiteTemporal } from './temporal';

/** The whole service as `npm start` runs it, and backups for its clients. */
export interface ClientLab {
  /** Without the `/v3`. */
  readonly apiUrl: string;
  /** Four backups, one based on another; of the last one an object is damaged. */
  readonly chain: Fixture;
  stop(): Promise<void>;
}

interface LabOptions {
  readonly port: number;
  readonly auth: object;
  /** What it is told by the environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The workflows' bundle and the movers are those that the last build made. */
export async function startClientLab({ port, auth, env = {} }: LabOptions): Promise<ClientLab> {
  const chain = fixture('none-c4m-s32k-odd');
  const repository = damageableCopy(chain);
  flipFirstBit(repository.pathOf(chain.links('inc3')[0]!, '-00001'));
  const folder = mkdtempSync(path.join(tmpdir(), 'rekindle-clients-'));
  const database = await createTestDatabase();
  const file = path.join(folder, 'rekindle.yml');
  // YAML holds JSON.
  const config = {
    dataDir: 'data',
    logLevel: 'warn',
    api: { port },
    auth,
    database: { url: database.url },
    temporal: suiteTemporal(),
    repositories: [{ driver: 'posix', path: repository.repoRoot }],
    quota: { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1 },
  };
  writeFileSync(file, JSON.stringify(config));
  const service = startProduct('src/dev.ts', { REKINDLE_CONFIG: file, ...env });
  const stop = async (): Promise<void> => {
    await service.stop('SIGTERM');
    await database.drop();
    repository.dispose();
    rmSync(folder, { recursive: true });
  };
  try {
    const [, apiUrl = ''] = await service.says(/^The API answers at (\S+)$/m);
    return { apiUrl, chain, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function flipFirstBit(file: string): void {
  const content = readFileSync(file);
  content[0] = content[0]! ^ 1;
  writeFileSync(file, content);
}
