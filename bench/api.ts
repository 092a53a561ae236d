// Prints how fast the API answers: `npm run bench:api`. The goals: POST p50 within 1.5 times Cinder's 71 ms, GET within 5 ms, and a page of 100 out of
// 10,000 volumes within twice the same page out of 100.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { pino } from 'pino';
import { parseConfig, readEnvironment } from '../src/config';
import { cinderAt, PROJECT } from '../src/demo/cinder';
import { unpackChain } from '../src/demo/repository';
import { startOneMachine } from '../src/processes/one-machine';
import type { OneMachine } from '../src/processes/one-machine';
import { ask } from './load';
import type { Answered, Load } from './load';
import { askOneAtATime } from './one-at-a-time';

const CLIENTS: readonly number[] = [1, 4, 16, 64];
const SECONDS = 8;
const PAGE = 100;
const MANY = 10_000;
const FIXTURE = 'zlib-c4m-s32k-odd';

const HEADERS = {
  'Content-Type': 'application/json',
  'X-Auth-Token': `bench:${PROJECT}`,
  'OpenStack-API-Version': 'volume 3.47',
};

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rekindle-bench-api-'));
  // As root, PostgreSQL runs as another user, who has to reach its folder.
  await chmod(folder, 0o755);
  const config = parseConfig({
    dataDir: folder,
    logLevel: 'silent',
    api: { port: 0, acceptTimeoutMs: 60_000 },
    database: { backupLock: 'shared' },
    quota: { volumes: -1, gigabytes: -1, backups: -1, backupGigabytes: -1 },
  });
  const log = pino({ level: 'silent' });
  const machine = await startOneMachine({ config, log, env: readEnvironment(), say: () => undefined });
  const database = new Client({ connectionString: machine.config.database.url });
  await database.connect();
  try {
    await reads(machine, database);
    await creates(machine, database);
  } finally {
    await database.end();
    await machine.stop();
    await rm(folder, { recursive: true });
  }
}

async function reads({ apiUrl }: OneMachine, database: Client): Promise<void> {
  const get = (path: string): Promise<Answered> =>
    measured(`GET ${path}`, { url: apiUrl, clients: 1, ...reading(path) });
  await fill(database, 1, PAGE);
  await get('/volumes/volume-1');
  const few = await get(`/volumes/detail?limit=${PAGE}`);
  await fill(database, PAGE + 1, MANY);
  const many = await get(`/volumes/detail?limit=${PAGE}`);
  say(
    `a page of ${PAGE} out of ${MANY} volumes takes ${(many.p50Ms / few.p50Ms).toFixed(2)} times as long as out of ${PAGE}`,
  );
  await database.query('delete from volumes');
}

function reading(path: string): Pick<Load, 'seconds' | 'request'> {
  return { seconds: SECONDS, request: { method: 'GET', path: `/v3/${PROJECT}${path}`, headers: HEADERS } };
}

async function fill(database: Client, first: number, last: number): Promise<void> {
  await database.query(
    `insert into volumes (id, project_id, user_id, status, size_gib, name, volume_type_id, availability_zone, request_id, created_at)
     select 'volume-' || n, $1, 'bench', 'available', 1, 'name-' || n, (select id from volume_types limit 1), 'nova', 'req', now() - n * interval '1 s'
     from generate_series($2::int, $3::int) n`,
    [PROJECT, first, last],
  );
  await database.query('analyze');
}

async function creates(machine: OneMachine, database: Client): Promise<void> {
  const { apiUrl: url, config } = machine;
  const cinder = cinderAt(url);
  const chain = await unpackChain(FIXTURE, join(config.dataDir, 'fixtures'), join(config.dataDir, 'backups'));
  await cinder.importChain(chain);
  const bodies = { 'an empty one': { size: 1 }, 'from a backup of 24 MiB': { backup_id: chain.lastBackupId } };
  for (const [what, volume] of Object.entries(bodies)) {
    // As Cinder's figure was taken: each create is over before the next is asked for.
    const alone = askOneAtATime({ url, request: creating(volume) }, () => allMade(database));
    report(`POST /volumes, ${what}, one at a time`, await alone);
    await database.query('delete from volumes');
    for (const clients of CLIENTS) {
      const startedMs = performance.now();
      const load = { url, clients, seconds: SECONDS, request: creating(volume) };
      await measured(`POST /volumes, ${what}, ${clients} clients`, load);
      const made = await allMade(database);
      say(`  all ${made} available: ${Math.round((made * 60_000) / (performance.now() - startedMs))} a minute`);
      await database.query('delete from volumes');
    }
  }
}

function creating(volume: object): Load['request'] {
  return { method: 'POST', path: `/v3/${PROJECT}/volumes`, headers: HEADERS, body: JSON.stringify({ volume }) };
}

/** Answers how many, once none is `creating` any more. */
async function allMade(database: Client): Promise<number> {
  for (;;) {
    const { rows } = await database.query<{ status: string; count: number }>(
      'select status, count(*)::int as count from volumes group by status',
    );
    const countOf = (status: string): number => rows.find((row) => row.status === status)?.count ?? 0;
    if (countOf('error') > 0) throw new Error(`${countOf('error')} volumes ended in error`);
    if (countOf('creating') === 0) return countOf('available');
    await sleep(50);
  }
}

async function measured(what: string, load: Load): Promise<Answered> {
  const answered = await ask(load);
  report(what, answered);
  return answered;
}

function report(what: string, { p50Ms, p99Ms, perMinute }: Answered): void {
  say(`${what}: p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${Math.round(perMinute)} a minute`);
}

function say(line: string): void {
  console.log(line);
}

void main();
