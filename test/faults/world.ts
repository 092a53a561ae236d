import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'pg';
import { pino } from 'pino';
import { connectCatalog } from '../../src/catalog/postgres-catalog';
import type { Catalog } from '../../src/catalog/catalog';
import type { BackupLink } from '../../src/domain/backup';
import { databaseLink } from '../support/database-link';
import type { DatabaseLink } from '../support/database-link';
import { startHouse } from '../support/house';
import type { House } from '../support/house';
import { writeBackup } from '../support/write-backup';
import { disksThatFail } from './disks';
import type { Disks } from './disks';
import { Injector } from './injector';
import { temporalOperator } from './operator';
import { repositoriesThatFail } from './repositories';
import type { Repositories } from './repositories';

const KIB = 1024;
/** Four objects, and an odd end. */
export const DATA_BYTES = 224 * KIB + 345;

/** A chain that many records name: each case has a backup of its own, and they share their objects. */
export interface SharedChain {
  readonly links: readonly BackupLink[];
  /** The leaf's image. */
  readonly image: Buffer;
}

export interface OwnChain extends SharedChain {
  /** `suffix` is `-00001`, `_metadata` or `_sha256file`. */
  readonly pathOf: (link: BackupLink, suffix: string) => string;
}

/** One house in which many cases go on at once, each with a project, a volume and a backup of its own. */
export interface World {
  readonly house: House;
  /** The catalog by a way that no fault is on. */
  readonly catalog: Catalog;
  readonly injector: Injector;
  readonly disks: Disks;
  readonly repositories: Repositories;
  readonly chains: Readonly<Record<'zlib' | 'none' | 'damaged', SharedChain>>;
  readonly newChain: (codec: 'zlib' | 'none') => OwnChain;
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const repository = mkdtempSync(path.join(tmpdir(), 'rekindle-faults-'));
  let link: DatabaseLink | null = null;
  let house: House | null = null;
  const disks = disksThatFail();
  const repositories = repositoriesThatFail();
  const operator = () => temporalOperator(house!.client, house!.config.temporal.namespace);
  const injector = new Injector({ operator, link: () => link!, disks, repositories });
  house = await startHouse({
    repository,
    aroundDriver: disks.around,
    aroundRepository: repositories.around,
    interceptors: [injector.interceptor],
    maxCopies: 32,
    throughDatabase: async (url) => {
      link = await databaseLink(url);
      return link.url;
    },
    config: {
      restore: { heartbeatTimeoutMs: 4_000, heartbeatThrottleMs: 200, giveUpAfterMs: 30_000, retryAfterMs: 100 },
      worker: { reportEveryMs: 1_000, reconcileEveryMs: 1_000, callTimeoutMs: 4_000 },
    },
  });
  const catalog = await connectCatalog({
    url: house.database.url,
    backupLock: 'exclusive',
    quotaDefaults: house.config.quota,
    log: pino({ level: 'silent' }),
  });
  const pool = new Pool({ connectionString: house.database.url, max: 8 });
  pool.on('error', () => undefined);
  const damaged = newChain(repository, 'zlib');
  // Found out in the middle of the copy.
  writeFileSync(damaged.pathOf(damaged.links[0]!, '-00001'), randomBytes(40 * KIB));
  return {
    house,
    catalog,
    injector,
    disks,
    repositories,
    chains: { zlib: newChain(repository, 'zlib'), none: newChain(repository, 'none'), damaged },
    newChain: (codec) => newChain(repository, codec),
    query: async (text, values = []) => (await pool.query<Record<string, unknown>>(text, [...values])).rows,
    stop: async () => {
      await house.client.schedule
        .getHandle('rekindle-reconcile')
        .delete()
        .catch(() => undefined);
      await catalog.close();
      await pool.end();
      await house.stop();
      await link?.close();
      rmSync(repository, { recursive: true });
    },
  };
}

export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function newChain(root: string, codec: 'zlib' | 'none'): OwnChain {
  const full = randomBytes(DATA_BYTES);
  const leaf = Buffer.from(full);
  randomBytes(50 * KIB).copy(leaf, 60 * KIB);
  leaf.fill(0, 150 * KIB, 170 * KIB);
  const { links, pathOf } = writeBackup({ root, states: [full, leaf], codec });
  return { links, pathOf, image: leaf };
}
