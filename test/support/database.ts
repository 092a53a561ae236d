import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  /** For `connectCatalog`. */
  readonly url: string;
  /** Runs SQL past the catalog, for what it can't do: make a row old, or broken. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
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
  return {
    url: url.href,
    query: (text, values = []) => onServer(url.href, text, values),
    drop: async () => {
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
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
