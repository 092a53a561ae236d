import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

/** The line between one process and one server, which can be cut, or go dead without a word. */
export interface Wire {
  readonly port: number;
  /** Ends every connection, and takes none, until `mend`. */
  cut(): void;
  /** Nothing comes through any more, and nobody is told, until `mend`. What was on its way arrives then, or never. */
  goDead(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback. */
export async function wireTo(targetPort: number): Promise<Wire> {
  let state: 'whole' | 'cut' | 'dead' = 'whole';
  const ends = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    join(near, far, ends);
    if (state === 'dead') for (const end of [near, far]) end.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = 'cut';
      for (const end of ends) end.resetAndDestroy();
    },
    goDead: () => {
      state = 'dead';
      for (const end of ends) end.pause();
    },
    mend: () => {
      state = 'whole';
      for (const end of ends) end.resume();
    },
    close: async () => {
      for (const end of ends) end.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function join(near: Socket, far: Socket, ends: Set<Socket>): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    ends.add(one);
    one.setNoDelay(true);
    one.on('data', (bytes) => {
      if (!other.destroyed) other.write(bytes);
    });
    one.on('end', () => {
      if (!other.destroyed) other.end();
    });
    one.on('error', () => other.destroy());
    one.on('close', () => {
      ends.delete(one);
      other.destroy();
    });
  }
}
