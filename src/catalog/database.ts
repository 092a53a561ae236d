import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Transaction } from 'kysely';
import { Pool, TypeOverrides, types } from 'pg';
import { Refusal } from '../domain/errors';
import type { Schema } from './schema';
import { trustedConnections } from './trusted-connections';

/** A connection or a transaction: what a function needs that doesn't begin a transaction itself. */
export type Database = Kysely<Schema> | Transaction<Schema>;

/** Where the catalog reports what no caller hears of. A pino logger is one. */
export interface CatalogLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: CatalogLog;
  /** Connections of this process; a caller waits when all are taken. */
  readonly maxConnections?: number;
}

/** A control activity has 5 to 10 s: whatever takes longer here is better given up and repeated. */
const STATEMENT_TIMEOUT_MS = 5_000;

export function openDatabase({ url, log, maxConnections = 10 }: DatabaseOptions): Kysely<Schema> {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: 300,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // A process that stops in the middle of a transaction must not keep its locks.
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    // The server's own limit doesn't help when the server is gone without a word.
    query_timeout: 2 * STATEMENT_TIMEOUT_MS,
    application_name: 'rekindle',
    types: numbersAsNumbers(),
  });
  // pg emits these apart from any query; without a listener they would end the process. The query, if there is one, rejects.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle catalog connection was lost'));
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'a catalog connection was lost'));
  });
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: trustedConnections(pool) }) });
}

/** `count`, `sum` and bigint columns arrive as text by default; here they all stay far below 2^53. */
function numbersAsNumbers(): TypeOverrides {
  const overrides = new TypeOverrides();
  overrides.setTypeParser(types.builtins.INT8, Number);
  overrides.setTypeParser(types.builtins.NUMERIC, Number);
  return overrides;
}

/** The database's clock, not the transaction's start: a transaction may have waited for a lock. */
export async function databaseClock(db: Database): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp()::timestamptz(3) as now`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('The database did not tell its time');
  return row.now;
}

/** `clock_timestamp()` as a value to write. */
export const currentTime = sql<Date>`clock_timestamp()`;

/** PostgreSQL's text can't hold a NUL: such a text is in no row, and must not reach a query. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** @throws Refusal('InvalidInput') if a text anywhere in the value can't be stored: repeating wouldn't help. */
export function requireStorable(value: unknown): void {
  if (typeof value === 'string' && !isStorable(value)) {
    throw new Refusal('InvalidInput', 'Invalid input received: a text must not contain the NUL character.');
  }
  if (typeof value === 'object' && value !== null) Object.entries(value).flat().forEach(requireStorable);
}
