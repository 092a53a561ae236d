import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { createApi } from '../api/api';
import { listen } from '../api/listen';
import type { ApiSettings } from '../api/settings';
import { temporalWorkflows } from '../api/volume-workflows';
import type { Config } from '../config';
import { connectClient } from '../temporal';
import { never, openCatalog, temporalTarget } from './parts';
import type { Running } from './run-until-stopped';

export interface RunningApi extends Running {
  /** Without the `/v3`. */
  readonly url: string;
}

/** The API. It needs a database and a Temporal server, and workers somewhere to accept what it is asked. */
export async function startApiProcess(config: Config, log: Logger): Promise<RunningApi> {
  const catalog = await openCatalog(config, log);
  const client = await connectClient(temporalTarget(config));
  const settings = apiSettings(config);
  const api = createApi({ catalog, workflows: temporalWorkflows(client, settings.acceptTimeoutMs), log, settings });
  const server = await listen(api, { ...config.api, auth: settings.auth });
  const url = urlOf(server, config.api.host);
  log.info({ url }, 'the API answers');
  return {
    url,
    failed: never(),
    stop: async () => {
      await closed(server);
      await client.connection.close();
      await catalog.close();
    },
  };
}

function apiSettings({ api, defaultVolumeType, availabilityZone }: Config): ApiSettings {
  const { acceptTimeoutMs, publicUrl = null } = api;
  return { auth: 'noauth', acceptTimeoutMs, publicUrl, defaultVolumeType, availabilityZone };
}

/** Answers what has been asked, takes no more. */
async function closed(server: Server): Promise<void> {
  server.close();
  server.closeIdleConnections();
  await once(server, 'close');
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
