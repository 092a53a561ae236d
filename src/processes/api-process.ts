import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { createApi } from '../api/api';
import { listen } from '../api/listen';
import type { ApiSettings } from '../api/settings';
import { temporalWorkflows } from '../runs/volume-workflows';
import { ConfigError } from '../config';
import type { Config } from '../config';
import { connectClient } from '../temporal';
import { never, openCatalog, temporalTarget } from './parts';
import type { Running } from './run-until-stopped';
import { startTogether } from './started-parts';

export interface RunningApi extends Running {
  /** Without the `/v3`. */
  readonly url: string;
}

/** The API. It needs a database and a Temporal server, and workers somewhere to accept what it is asked. */
export function startApiProcess(config: Config, log: Logger): Promise<RunningApi> {
  return startTogether(log, async (parts) => {
    const catalog = await openCatalog(config, log);
    parts.add('catalog', () => catalog.close());
    const client = await connectClient(temporalTarget(config));
    parts.add('Temporal client', () => client.connection.close());
    const settings = apiSettings(config);
    const api = createApi({ catalog, workflows: temporalWorkflows(client, settings.acceptTimeoutMs), log, settings });
    const server = await listen(api, { ...config.api, auth: settings.auth.type }).catch((error: unknown) => {
      throw inWords(error, config.api);
    });
    parts.add('HTTP server', () => closed(server));
    const url = urlOf(server, config.api.host);
    log.info({ url }, 'the API answers');
    return { url, failed: never() };
  });
}

/** listen(2)'s codes for a port that somebody else may have, but not we. */
const NOT_OURS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process',
  EACCES: 'is not for ordinary users',
};

function inWords(error: unknown, { host, port }: Config['api']): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what = NOT_OURS[code];
  if (what === undefined) return error;
  const how = 'Choose another one: api.port in the configuration file, or REKINDLE_API_PORT.';
  return new ConfigError(`Port ${port} of ${host} ${what}. ${how}`, { cause: error });
}

function apiSettings(config: Config): ApiSettings {
  const { api, auth, backups, defaultVolumeType, availabilityZone, temporal, worker } = config;
  const { acceptTimeoutMs, explainTimeoutMs, publicUrl = null } = api;
  const { uiUrl: url, namespace } = temporal;
  return {
    auth: authSettings(auth),
    acceptTimeoutMs,
    explainTimeoutMs,
    publicUrl,
    defaultVolumeType,
    deleteBackupObjects: backups.deleteObjects,
    availabilityZone,
    temporalUi: url === undefined ? null : { url, namespace },
    reportMaxAgeMs: worker.reportMaxAgeMs,
  };
}

function authSettings(auth: Config['auth']): ApiSettings['auth'] {
  if (auth.type !== 'keystone') return auth;
  const publicUrl = auth.publicUrl ?? auth.url;
  return { ...auth, url: keystoneV3(auth.url), publicUrl };
}

/** Clients are configured with or without the version, and so are we. */
function keystoneV3(url: string): string {
  const bare = url.replace(/\/+$/, '');
  return bare.endsWith('/v3') ? bare : `${bare}/v3`;
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
