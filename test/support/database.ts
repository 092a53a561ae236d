import { randomUUID } from 'node:crypto';
import { Client, DatabaseError } from 'pg';
import { eventually } from './eventually';

const OBJECT_IN_USE = '55006';

export interface TestDatabase {
  /** For `connectCatalog`. */
  readonly url: string;
  /** Runs SQL past the catalog, for what it can't do: make a row old, or broken. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** A dump, so to speak: what it answers brings the database back to this moment. Connections are cut by both, and come again. */
  snapshot(): Promise<() => Promise<void>>;
  /** Drops the database, also under connections that are still open. */
  drop(): Promise<void>;
}

/** A fresh database in the suite's PostgreSQL. One for each test file, so that files can run side by side. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['REKINDLE_TEST_DATABASE_URL'];
  if (!serverUrl) throw new Error("REKINDLE_TEST_DATABASE_URL is not set: jest's globalSetup does that");
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const snapshots: string[] = [];
  return {
    url: url.href,
    query: (text, values = []) => onServer(url.href, text, values),
    snapshot: async () => {
      const copy = `${name}_${snapshots.length}`;
      snapshots.push(copy);
      await copyDatabase(serverUrl, name, copy);
      return async () => {
        await onServer(serverUrl, `alter database ${name} allow_connections false`);
        await onServer(serverUrl, `drop database ${name} with (force)`);
        await copyDatabase(serverUrl, copy, name);
      };
    },
    drop: async () => {
      for (const each of [name, ...snapshots]) await onServer(serverUrl, `drop database ${each} with (force)`);
    },
  };
}

/** PostgreSQL copies a database that nobody is connected to. */
async function copyDatabase(serverUrl: string, from: string, to: string): Promise<void> {
  await onServer(serverUrl, `alter database ${from} allow_connections false`);
  await onServer(serverUrl, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [from]);
  await eventually(() =>
    onServer(serverUrl, `create database ${to} template ${from}`).then(
      () => true,
      (error: unknown) => {
        // Who was told to go takes a moment.
        if (error instanceof DatabaseError && error.code === OBJECT_IN_USE) return null;
        throw error;
      },
    ),
  );
  for (const each of [from, to]) await onServer(serverUrl, `alter database ${each} allow_connections true`);
}

async function onServer(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}
