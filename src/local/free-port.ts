import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the kernel's range for outgoing connections (32768 and up), so that no client takes the port before the server does.
const FIRST = 20_000;
const LAST = 31_999;

/**
 * The port that is asked for, or a free one.
 * @throws Error if somebody listens on that port: whoever waits for our server there would talk to the other one
 */
export async function claimPort(wanted?: number): Promise<number> {
  if (wanted === undefined) return freePort();
  if (!(await isFree(wanted))) throw new Error(`Port ${wanted} of 127.0.0.1 is taken by another process`);
  return wanted;
}

/** A port of 127.0.0.1 that nobody listens on just now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found between ${FIRST} and ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
