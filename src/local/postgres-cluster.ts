import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { canWrite } from './postgres-account';
import type { PostgresBinaries } from './postgres-binaries';
import type { Account } from './server-process';

const run = promisify(execFile);

/** Where the data lie when root's account for PostgreSQL can't reach the folder that was asked for. */
const REACHABLE_FOLDER = '/var/lib/rekindle';

/** A database cluster on disk, in PostgreSQL's sense: one data directory, one server. */
export interface Cluster {
  /** The real path of the data directory. */
  readonly dataDirectory: string;
  readonly user: 'postgres';
  readonly password: string;
}

export interface ClusterOptions {
  readonly folder: string;
  readonly account: Account;
  readonly binaries: PostgresBinaries;
  readonly log: (line: string) => void;
}

/** The environment of PostgreSQL's programs: none of ours (PGDATA, PGPORT, LC_*, TZ) may change what they do. */
export const POSTGRES_ENV: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * The cluster of a folder (which exists), made if there is none yet: `<folder>/cluster`, with the superuser's password
 * beside it in `cluster.password`, mode 0600. Where the account can't reach the folder, `cluster` is a link to a place
 * that it can reach.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const entry = join(options.folder, 'cluster');
  const exists = await realpath(entry).catch(() => null);
  const dataDirectory = exists ?? (await createCluster(entry, options));
  return existingCluster(dataDirectory);
}

export async function existingCluster(dataDirectory: string): Promise<Cluster> {
  const password = await readFile(passwordFile(dataDirectory), 'utf8');
  return { dataDirectory, user: 'postgres', password: password.trim() };
}

async function createCluster(entry: string, options: ClusterOptions): Promise<string> {
  const folder = await realpath(options.folder);
  const place = await reachablePlace(folder, options);
  await initialise(place, options);
  if (place !== entry) {
    await rm(entry, { force: true });
    await symlink(place, entry);
  }
  return realpath(entry);
}

async function reachablePlace(folder: string, options: ClusterOptions): Promise<string> {
  const wanted = join(folder, 'cluster');
  const unfinished = await makeUnfinished(wanted, options.account);
  if (await canWrite(options.account, unfinished)) return wanted;
  await rm(unfinished, { recursive: true });

  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const place = join(REACHABLE_FOLDER, digest, 'cluster');
  options.log(`PostgreSQL can't reach ${folder} as user postgres: its data go to ${place}`);
  await setAside(dirname(place), options.log);
  for (const parent of [REACHABLE_FOLDER, dirname(place)]) {
    await mkdir(parent, { recursive: true });
    await chmod(parent, 0o755);
  }
  return place;
}

/** Data of an earlier folder of this name, which somebody removed: the rows don't fit the new folder's volumes. */
async function setAside(place: string, log: ClusterOptions['log']): Promise<void> {
  if (!(await lstat(place).catch(() => null))) return;
  const aside = `${place}.${new Date().toISOString()}`;
  await rename(place, aside);
  log(`${place} holds the data of an earlier folder of this name; put aside as ${aside}`);
}

/** initdb works in a folder that gets its name only when it is complete: half a cluster is none. */
async function initialise(place: string, options: ClusterOptions): Promise<void> {
  const unfinished = await makeUnfinished(place, options.account);
  const password = passwordFile(place);
  await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (options.account) await chown(password, options.account.uid, options.account.gid);
  const flags = [
    ['--pgdata', unfinished],
    ['--username', 'postgres'],
    ['--pwfile', password],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    // PostgreSQL's own collation: the order of names doesn't depend on the machine's locales.
    ['--locale-provider', 'builtin'],
    ['--builtin-locale', 'C.UTF-8'],
    ['--locale', 'C'],
  ].flat();
  await run(options.binaries.initdb, flags, { ...options.account, env: POSTGRES_ENV, cwd: '/' });
  await rename(unfinished, place);
}

async function makeUnfinished(place: string, account: Account): Promise<string> {
  const unfinished = `${place}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (account) await chown(unfinished, account.uid, account.gid);
  return unfinished;
}

function passwordFile(dataDirectory: string): string {
  return `${dataDirectory}.password`;
}
