import type { PostgresPool } from 'kysely';
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';

/**
 * A pool that keeps only connections that can be trusted. When an answer is overdue, pg reports it and leaves the connection as it is, with
 * the question still open: whoever had it next would wait as long, and so on, until no connection works although the database does.
 */
export function trustedConnections(pool: Pool): PostgresPool {
  return {
    connect: async () => whileTrusted(await pool.connect()),
    end: () => pool.end(),
  };
}

/** Anything but the database's own word leaves unknown what the connection is in the middle of. It is closed then, not given back. */
function whileTrusted(client: PoolClient): PoolClient {
  let lost: Error | null = null;
  const query = async (...question: unknown[]): Promise<unknown> => {
    if (lost) throw lost;
    try {
      return await Reflect.apply(client.query.bind(client), client, question);
    } catch (error) {
      if (!(error instanceof DatabaseError)) lost = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  };
  const release = (): void => client.release(lost ?? undefined);
  return new Proxy(client, {
    get: (target, name): unknown => {
      if (name === 'query') return query;
      return name === 'release' ? release : Reflect.get(target, name, target);
    },
  });
}
