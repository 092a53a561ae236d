import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Application } from 'express';
import type { ApiSettings } from './settings';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly auth: ApiSettings['auth']['type'];
  /** `noauth` makes everybody an admin who reaches the port; who lets others than this machine do so must say so. */
  readonly allowRemoteNoauth: boolean;
}

/**
 * Resolves when connections are accepted.
 * @throws Error if the address can't be had, or if `noauth` would be open to other machines
 */
export async function listen(api: Application, options: ListenOptions): Promise<Server> {
  const { host, port, auth, allowRemoteNoauth } = options;
  if (BELIEVE_ANYBODY.includes(auth) && !allowRemoteNoauth && !isLoopback(host)) {
    throw new Error(
      `With noauth everybody who reaches ${host} is an admin. Listen on 127.0.0.1, or set api.allowRemoteNoauth.`,
    );
  }
  const server = createServer(api);
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

const BELIEVE_ANYBODY: readonly ListenOptions['auth'][] = ['noauth'];

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
