import { chmod, cp, lstat, mkdir, mkdtemp, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { postgresAccount } from '../../src/local/postgres-account';
import { packageFolder, postgresBinaries } from '../../src/local/postgres-binaries';
import type { LocalPostgres, PostgresOptions } from '../../src/local/postgres';
import { runningPostgres, startPostgres } from '../../src/local/postgres';
import { runScript } from '../support/child-process';
import { unique } from '../support/temporal';

const asRoot = process.getuid?.() === 0;
const lines: string[] = [];
let home: string;
let running: LocalPostgres[] = [];

// One folder for all tests, each of which leaves a stopped cluster there: a first start takes most of a second.
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'rekindle-postgres-'));
  await chmod(home, 0o755);
});

afterEach(async () => {
  await Promise.all(running.map(async (postgres) => postgres.stop()));
  running = [];
  lines.length = 0;
});

afterAll(async () => rm(home, { recursive: true }));

async function start(more: Partial<PostgresOptions> = {}): Promise<LocalPostgres> {
  const options = { folder: join(home, 'postgres'), cacheFolder: join(home, 'cache'), settings: { fsync: 'off' } };
  const postgres = await startPostgres({ ...options, log: (line) => lines.push(line), ...more });
  running.push(postgres);
  return postgres;
}

/** Writes something to be found again: the path of its database's URL. */
async function writeSeven(postgres: LocalPostgres): Promise<string> {
  const url = await postgres.createDatabase(unique('seven'));
  await query(url, 'CREATE TABLE t AS SELECT 7 AS n');
  return new URL(url).pathname;
}

async function readSeven(postgres: LocalPostgres, pathname: string): Promise<unknown[]> {
  return query(new URL(pathname, postgres.url).href, 'SELECT n FROM t');
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('lets others in beside the process that holds it, as long as it runs', async () => {
  const folder = join(home, 'postgres');
  expect(await runningPostgres(join(home, 'nothing here'), 'postgres')).toBeNull();
  const postgres = await start();
  expect(await runningPostgres(folder, 'postgres')).toBe(postgres.url);
  await postgres.stop();
  expect(await runningPostgres(folder, 'postgres')).toBeNull();
});

test('keeps what was written when it is stopped and started again', async () => {
  const first = await start();
  const database = await writeSeven(first);
  await first.stop();
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await readSeven(second, database)).toEqual([{ n: 7 }]);
});

test('makes a database once', async () => {
  const postgres = await start();
  const url = await postgres.createDatabase('once');
  expect(await postgres.createDatabase('once')).toBe(url);
  expect(await query(url, 'SELECT current_database()')).toEqual([{ current_database: 'once' }]);
});

test('takes the port that it is told, and a stop may be repeated', async () => {
  const { port } = await start().then(async (first) => first.stop().then(() => first));
  const again = await start({ port });
  expect(again.port).toBe(port);
  await again.stop();
  await again.stop();
});

test('adopts the server that still runs because the process that had started it was killed', async () => {
  const folder = join(home, 'postgres');
  const starter = await runScript(`
    const { startPostgres } = require('./src/local/postgres.ts');
    const options = { folder: ${JSON.stringify(folder)}, cacheFolder: ${JSON.stringify(home)}, log: () => undefined };
    const { url, pid } = await startPostgres(options);
    report({ url, pid });`);
  const { url, pid } = starter.reported as { url: string; pid: number };
  await starter.kill();
  const adopted = await start();
  expect(adopted).toMatchObject({ adopted: true, url, pid });
  await adopted.stop();
  await expect(query(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
});

test('refuses a folder while another process runs its server', async () => {
  await start();
  await expect(start()).rejects.toThrow(`Another Rekindle process runs with the data in ${join(home, 'postgres')}`);
});

test('recovers what was committed when the server itself was killed', async () => {
  const first = await start();
  const database = await writeSeven(first);
  process.kill(first.pid, 'SIGKILL');
  await first.stop();
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(await readSeven(second, database)).toEqual([{ n: 7 }]);
});

test('is not stopped by a stale lock file whose process id is now that of somebody else', async () => {
  const first = await start();
  await first.stop();
  const dataDirectory = await realpath(join(home, 'postgres', 'cluster'));
  await writeFile(join(dataDirectory, 'postmaster.pid'), `${process.pid}\n${dataDirectory}\n1\n${first.port}\n`);
  expect((await start()).adopted).toBe(false);
});

test('begins again where an interrupted first start left half a cluster', async () => {
  const folder = join(home, 'interrupted');
  await mkdir(join(folder, 'cluster.unfinished', 'base'), { recursive: true });
  expect(await query((await start({ folder })).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('lets nobody in without the password, which only its owner may read', async () => {
  const { url } = await start();
  const open = new URL(url);
  open.password = 'wrong';
  await expect(query(open.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  expect((await stat(join(home, 'postgres', 'cluster.password'))).mode & 0o777).toBe(0o600);
});

test('shows the end of the log when the server cannot start', async () => {
  await expect(start({ settings: { max_connections: 'many' } })).rejects.toThrow(
    /PostgreSQL ended while starting[^]*invalid value for parameter "max_connections": "many"/,
  );
  expect(await readFile(join(home, 'postgres', 'postgres.log'), 'utf8')).toContain('max_connections');
});

(asRoot ? describe : describe.skip)('as root, in a folder that nobody else can enter', () => {
  let closed: string;
  let folder: string;
  let places: string[];

  beforeEach(async () => {
    // mkdtemp's own mode is 0700, as that of root's home is.
    closed = await mkdtemp(join(tmpdir(), 'rekindle-postgres-'));
    folder = join(closed, 'postgres');
    places = [];
  });

  afterEach(async () => {
    for (const path of [...places, closed]) await rm(path, { recursive: true });
  });

  async function startThere(): Promise<LocalPostgres> {
    const postgres = await start({ folder });
    places = [dirname(await readlink(join(folder, 'cluster')))];
    return postgres;
  }

  test('keeps the data where the user postgres reaches them, and leaves a link', async () => {
    const first = await startThere();
    expect(places.join()).toMatch(/^\/var\/lib\/rekindle\/[0-9a-f]{16}$/);
    expect(lines.join()).toContain(`its data go to ${places.join()}`);
    const database = await writeSeven(first);
    await first.stop();
    const second = await startThere();
    expect(await readSeven(second, database)).toEqual([{ n: 7 }]);
    await second.stop();
  });

  test('starts afresh when the folder was removed, and puts the old data aside', async () => {
    const first = await startThere();
    const database = await writeSeven(first);
    await first.stop();
    await rm(folder, { recursive: true });
    const second = await startThere();
    const aside = /put aside as (\S+)/.exec(lines.join('\n'))?.[1] ?? '';
    places.push(aside);
    expect((await lstat(join(aside, 'cluster'))).isDirectory()).toBe(true);
    await expect(readSeven(second, database)).rejects.toThrow('does not exist');
    await second.stop();
  });
});

test('copies the binaries where they can be run, with the links that a blocked install script has not made', async () => {
  const native = join(home, 'package', 'native');
  const isNoLink = async (file: string): Promise<boolean> => !(await lstat(file)).isSymbolicLink();
  await cp(join(packageFolder(), 'native'), native, { recursive: true, filter: isNoLink });
  await cp(join(packageFolder(), 'package.json'), join(home, 'package', 'package.json'));
  await chmod(join(home, 'package'), 0o700);

  const cache = join(home, 'cache');
  const [one, two] = await Promise.all([1, 2].map(async () => copied()));
  expect(one).toEqual(two);
  expect(one?.postgres.startsWith(join(cache, 'postgres-'))).toBe(true);

  async function copied() {
    return postgresBinaries(await postgresAccount(), cache, join(home, 'package'));
  }
});
