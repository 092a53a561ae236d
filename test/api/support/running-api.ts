import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApi } from '../../../src/api/api';
import { listen } from '../../../src/api/listen';
import type { ApiSettings } from '../../../src/api/settings';
import type { VolumeWorkflows } from '../../../src/runs/volume-workflows';
import type { Catalog } from '../../../src/catalog/catalog';
import { connectTo, newProject } from '../../catalog/arrange';
import { createTestDatabase } from '../../support/database';
import type { TestDatabase } from '../../support/database';
import { catalogWorkflows } from './catalog-workflows';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly links: { readonly rel: string; readonly href: string }[];
  readonly [key: string]: unknown;
}

interface Fault {
  readonly code: number;
  readonly message: string;
}

/** Of all these a body has one or two, which the test knows and expects. */
export interface Body {
  readonly versions: Row[];
  readonly volume: Row;
  readonly volumes: Row[];
  readonly volumes_links: Row['links'];
  readonly count: number;
  readonly backup: Row;
  readonly backups: Row[];
  readonly backups_links: Row['links'];
  readonly 'backup-record': { readonly backup_service: string; readonly backup_url: string };
  readonly message: Row;
  readonly messages: Row[];
  readonly messages_links: Row['links'];
  readonly volume_type: Row;
  readonly volume_types: Row[];
  readonly volume_type_links: Row['links'];
  readonly badRequest: Fault;
  readonly unauthorized: Fault;
  readonly itemNotFound: Fault;
  readonly overLimit: Fault;
  readonly serviceUnavailable: Fault;
}

/** The text of the only fault in the body. */
export function messageOf({ body }: Answer): string | undefined {
  return Object.values(body as unknown as Record<string, Fault>)[0]?.message;
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  /** The minor number: 47 for `volume 3.47`. */
  readonly version?: number;
  readonly project?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks as a client does that was told its token and its project. */
export type Ask = (path: string, asked?: Asked) => Promise<Answer>;

export interface RunningApi {
  readonly url: string;
  readonly catalog: Catalog;
  readonly database: TestDatabase;
  /** What the API logged, one object a line. */
  readonly logged: Record<string, unknown>[];
  /** Any path, with no headers but the given ones. */
  readonly fetch: Ask;
  /** A caller of a project of his own; paths are those below `/v3/<project>`. */
  caller(): { readonly project: string; readonly ask: Ask };
  close(): Promise<void>;
}

export const SETTINGS: ApiSettings = {
  auth: { type: 'noauth' },
  acceptTimeoutMs: 8_000,
  explainTimeoutMs: 20_000,
  publicUrl: null,
  defaultVolumeType: '__DEFAULT__',
  deleteBackupObjects: false,
  availabilityZone: 'nova',
  reportMaxAgeMs: 60_000,
  temporalUi: { url: 'http://ui', namespace: 'rekindle' },
};

export interface ApiOptions {
  readonly settings?: Partial<ApiSettings>;
  readonly workflows?: (catalog: Catalog) => VolumeWorkflows;
  /** The way to the database, if not the straight one. */
  readonly reachDatabase?: (url: string) => Promise<string>;
}

/** The API on a port of its own, with a catalog of its own. */
export async function startApi(options: ApiOptions = {}): Promise<RunningApi> {
  const { settings, workflows = catalogWorkflows, reachDatabase = async (url: string) => url } = options;
  const database = await createTestDatabase();
  const catalog = await connectTo(database, { url: await reachDatabase(database.url) });
  await catalog.declareVolumeTypes([{ name: '__DEFAULT__', description: null, isPublic: true, extraSpecs: {} }]);
  const logged: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const api = createApi({ catalog, workflows: workflows(catalog), log, settings: { ...SETTINGS, ...settings } });
  const server = await listen(api, { host: '127.0.0.1', port: 0, auth: 'noauth', allowRemoteNoauth: false });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask: Ask = (path, asked = {}) => fetchAnswer(`${url}${path}`, asked);
  return {
    url,
    catalog,
    database,
    logged,
    fetch: ask,
    caller: () => {
      const project = newProject();
      return {
        project,
        ask: (path, asked = {}) =>
          ask(`/v3/${project}${path}`, { ...asked, headers: { 'X-Auth-Token': `user:${project}`, ...asked.headers } }),
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await catalog.close();
      await database.drop();
    },
  };
}

/** One that came over HTTP. */
export async function fetchAnswer(url: string, { method, body, version, headers }: Asked): Promise<Answer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(version === undefined ? {} : { 'OpenStack-API-Version': `volume 3.${version}` }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const answered = (isJson && text ? JSON.parse(text) : {}) as Body;
  return { status: response.status, headers: response.headers, text, body: answered };
}
