import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApi } from '../../../src/api/api';
import { listen } from '../../../src/api/listen';
import { PROJECT } from '../../support/house';
import type { House } from '../../support/house';
import { fetchAnswer, SETTINGS } from './running-api';
import type { Ask } from './running-api';

export interface HouseApi {
  /** As a caller of the house's project, or of another one. */
  readonly ask: Ask;
  close(): void;
}

/** The API in front of a whole house. */
export async function serveHouse({ catalog, workflows }: House): Promise<HouseApi> {
  const api = createApi({ catalog, workflows, log: pino({ level: 'silent' }), settings: SETTINGS });
  const server = await listen(api, { host: '127.0.0.1', port: 0, auth: 'noauth', allowRemoteNoauth: false });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ask: (path, { project = PROJECT, ...asked } = {}) =>
      fetchAnswer(`${url}/v3/${project}${path}`, { ...asked, headers: { 'X-Auth-Token': `user:${project}` } }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
