import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { holdsUp } from './strikes';
import type { Strike } from './strikes';
import type { Stage } from './stage';

/** How long something that a kill has hit took to go on. */
export interface Recovery {
  readonly of: 'copy' | 'control';
  readonly strike: Strike['kind'];
  readonly what: string;
  /** From the kill. */
  readonly sinceKillMs: number;
  /** From the last strike before it went on that could hold it up as well. */
  readonly sinceLastBlowMs: number;
}

interface Row {
  readonly id: string;
  readonly status: string;
  readonly host: string | null;
  readonly epoch: number;
  readonly wasAtWork: boolean;
  readonly finishedBytes: number;
}

interface Pending {
  readonly of: Recovery['of'];
  readonly strike: Strike['kind'];
  readonly what: string;
  readonly killedAt: number;
  readonly hasGoneOn: () => boolean;
}

const LOOK_EVERY_MS = 50;

/** Looks at the truth, past all wires: how soon things go on after each kill, and what has to be copied again. */
export class Recoveries {
  readonly all: Recovery[] = [];
  /** Of each kill in the middle of a copy: what had been written and was in no checkpoint. */
  readonly rework: number[] = [];
  private rows = new Map<string, Row>();
  private pending: Pending[] = [];
  private readonly lastBlowAt = { copy: 0, control: 0 };
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(private readonly stage: Stage) {
    this.watching = this.watch();
  }

  /** A strike begins, or one that lasts is over. */
  blow(kind: Strike['kind'], at = performance.now()): void {
    for (const what of ['copy', 'control'] as const) if (holdsUp(kind, what)) this.lastBlowAt[what] = at;
  }

  /** A kill, just carried out. @param pids of those that are dead now, movers included */
  killed(strike: Strike['kind'], pids: readonly number[]): void {
    const killedAt = performance.now();
    this.blow(strike, killedAt);
    for (const hit of this.copiesOf(pids)) this.noteCopy(strike, killedAt, hit);
    for (const row of this.rows.values()) {
      const before = fingerprint(row);
      if (!isAtControl(row)) continue;
      const hasGoneOn = (): boolean => fingerprint(this.rows.get(row.id)) !== before;
      this.pending.push({ of: 'control', strike, what: `${row.status} ${row.id}`, killedAt, hasGoneOn });
    }
  }

  /** A request that was on its way when something was killed. */
  request(strike: Strike['kind'], what: string, answered: Promise<void>): void {
    const killedAt = performance.now();
    let isAnswered = false;
    void answered.then(() => {
      isAnswered = true;
    });
    this.pending.push({ of: 'control', strike, what, killedAt, hasGoneOn: () => isAnswered });
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.watching;
  }

  private noteCopy(strike: Strike['kind'], killedAt: number, { volumeId, folder, generation }: HeldVolume): void {
    const row = this.rows.get(volumeId);
    if (row?.status !== 'creating') return;
    const file = path.join(folder, `volume-${volumeId}`);
    const written = blocksOf(file) ?? blocksOf(`${file}.clone`);
    if (written !== null) this.rework.push(Math.max(0, written - row.finishedBytes));
    const hasGoneOn = (): boolean => {
      const now = this.rows.get(volumeId);
      return now?.status !== 'creating' || generationIn(folder, volumeId) > generation;
    };
    this.pending.push({ of: 'copy', strike, what: `copy of ${volumeId}`, killedAt, hasGoneOn });
  }

  /** Of these processes, those that hold a volume. */
  holders(pids: readonly number[]): number[] {
    return this.copiesOf(pids).map(({ pid }) => pid);
  }

  /** The volumes that these processes hold for writing. */
  private copiesOf(pids: readonly number[]): HeldVolume[] {
    return [...this.stage.pools.values()].flatMap((folder) => heldIn(folder).filter(({ pid }) => pids.includes(pid)));
  }

  private async watch(): Promise<void> {
    let client: Client | null = null;
    while (!this.isOver) {
      try {
        client ??= await connected(this.stage.database.url);
        this.rows = new Map((await readRows(client)).map((row) => [row.id, row]));
        this.settle();
      } catch {
        // The database is among those that are killed.
        await client?.end().catch(() => undefined);
        client = null;
      }
      await sleep(LOOK_EVERY_MS);
    }
    await client?.end();
  }

  private settle(): void {
    const now = performance.now();
    const open: Pending[] = [];
    for (const one of this.pending) {
      const { of, strike, what, killedAt } = one;
      if (!one.hasGoneOn()) open.push(one);
      else {
        const blowAt = Math.max(killedAt, this.lastBlowAt[of]);
        this.all.push({ of, strike, what, sinceKillMs: now - killedAt, sinceLastBlowMs: now - blowAt });
      }
    }
    this.pending = open;
  }
}

/** In the hands of a control step, and of nobody else. */
function isAtControl({ status, host, wasAtWork }: Row): boolean {
  return (status === 'creating' && host === null) || (status === 'deleting' && !wasAtWork);
}

function fingerprint(row: Row | undefined): string {
  return row ? `${row.status} ${row.host ?? ''} ${row.epoch}` : 'gone';
}

interface HeldVolume {
  readonly volumeId: string;
  readonly folder: string;
  readonly pid: number;
  readonly generation: number;
}

function heldIn(folder: string): HeldVolume[] {
  return namesIn(folder).flatMap((name) => {
    const volumeId = /^volume-(.*)\.lock$/.exec(name)?.[1];
    if (volumeId === undefined) return [];
    const generation = generationIn(folder, volumeId);
    const pid = holderIn(path.join(folder, name, `${generation}`));
    return pid === null ? [] : [{ volumeId, folder, pid, generation }];
  });
}

function generationIn(folder: string, volumeId: string): number {
  const names = namesIn(path.join(folder, `volume-${volumeId}.lock`));
  return Math.max(0, ...names.map((name) => Number(/^(\d+)(\.(?:released|complete))?$/.exec(name)?.[1] ?? 0)));
}

/** The process that a lock's record names; null once it is released. */
function holderIn(record: string): number | null {
  try {
    return (JSON.parse(readFileSync(record, 'utf8')) as { pid: number }).pid;
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function blocksOf(file: string): number | null {
  try {
    // stat(2) counts in 512 bytes, whatever the file system's own blocks are.
    return statSync(file).blocks * 512;
  } catch {
    return null;
  }
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function readRows(client: Client): Promise<Row[]> {
  const { rows } = await client.query<Row>(`
    select id, status, host, epoch, deleted_while_creating as "wasAtWork",
      coalesce((select sum((range->>'lengthBytes')::bigint) from jsonb_array_elements(checkpoint->'finished') range), 0)::float8 as "finishedBytes"
    from volumes where status <> 'deleted'`);
  return rows;
}
