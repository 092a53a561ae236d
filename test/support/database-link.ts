import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to the connection that carries a certain id, in terms of PostgreSQL's protocol. */
export type Cut =
  /** After its first statement: the transaction is lost. */
  | 'in the middle'
  /** The commit doesn't arrive: the transaction is lost. */
  | 'before the commit'
  /** The commit is carried out, and nobody hears of it. */
  | 'after the commit'
  /** Nothing arrives any more, in either direction, and nobody hangs up. */
  | 'silence';

export interface Strike {
  /** Whether it has happened. */
  readonly struck: boolean;
  /** No longer wanted. */
  call(): void;
}

/** A stretch of network between a service and PostgreSQL, which fails on command for one of many that use it at once. */
export interface DatabaseLink {
  /** The database by way of this link. */
  readonly url: string;
  /** Strikes once: the first connection that says one of these ids. */
  strike(ids: readonly string[], cut: Cut): Strike;
  close(): Promise<void>;
}

interface Planned {
  readonly ids: readonly string[];
  readonly cut: Cut;
  struck: boolean;
  wanted: boolean;
}

/** ReadyForQuery, idle: no transaction is open, and whoever has the connection next is somebody else. */
const IDLE = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

export async function databaseLink(databaseUrl: string): Promise<DatabaseLink> {
  const target = new URL(databaseUrl);
  const planned = new Set<Planned>();
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    join(near, far, planned);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    strike: (ids, cut) => {
      const strike: Planned = { ids, cut, struck: false, wanted: true };
      planned.add(strike);
      return {
        get struck() {
          return strike.struck;
        },
        call: () => {
          strike.wanted = false;
          planned.delete(strike);
        },
      };
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function join(near: Socket, far: Socket, planned: Set<Planned>): void {
  let mine: Planned | null = null;
  let isSilent = false;
  let hearsNoMore = false;
  const cut = (): void => {
    near.destroy();
    far.destroy();
  };
  const struck = (): void => {
    if (!mine) return;
    mine.struck = true;
    planned.delete(mine);
  };
  near.on('data', (chunk) => {
    if (isSilent) return;
    const wasMine = mine !== null;
    if (!mine) mine = planned.size === 0 ? null : (saidIn(chunk, planned) ?? null);
    if (mine && !mine.wanted) mine = null;
    if (mine) {
      const commits = chunk.includes('commit');
      if (mine.cut === 'silence') {
        struck();
        isSilent = true;
        return;
      }
      if ((mine.cut === 'in the middle' && wasMine) || (mine.cut === 'before the commit' && commits)) {
        struck();
        cut();
        return;
      }
      if (mine.cut === 'after the commit' && commits) {
        struck();
        hearsNoMore = true;
      }
    }
    far.write(chunk);
  });
  far.on('data', (chunk) => {
    if (isSilent) return;
    if (hearsNoMore) {
      cut();
      return;
    }
    if (mine && !mine.struck && chunk.subarray(-IDLE.length).equals(IDLE)) mine = null;
    near.write(chunk);
  });
  near.on('close', () => far.destroy());
  far.on('close', () => {
    if (!isSilent) near.destroy();
  });
}

function saidIn(chunk: Buffer, planned: Set<Planned>): Planned | undefined {
  return [...planned].find(({ ids, struck }) => !struck && ids.some((id) => chunk.includes(id)));
}
