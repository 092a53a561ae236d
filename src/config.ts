import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const name = z.string().regex(/^[^@#\s]+$/, 'may not be empty nor contain @, # or spaces');
const limit = z.int().min(-1);
const port = z.int().min(1).max(65_535);

const pool = z.strictObject({
  name: name.default('default'),
  path: z.string().min(1),
  /** Capacity to offer; the file system's size where it is left out. */
  capacityGib: z.number().positive().optional(),
  reservedPercentage: z.int().min(0).max(100).default(0),
  thinProvisioning: z.boolean().default(true),
  maxOverSubscriptionRatio: z.number().min(1).default(20),
  /** Copies onto this pool that run at once; more wait their turn. */
  maxCopies: z.int().min(1).max(64).default(2),
});

const backend = z.strictObject({
  name,
  driver: z.literal('file'),
  pools: z.array(pool).min(1),
});

const repository = z.strictObject({ driver: z.literal('posix'), path: z.string().min(1) });

const volumeType = z.strictObject({
  name: z.string().min(1).max(255),
  description: z.string().nullable().default(null),
  isPublic: z.boolean().default(true),
  extraSpecs: z.record(z.string(), z.string()).default({}),
});

const auth = z.discriminatedUnion('type', [
  /** Believes whatever a caller says he is. */
  z.strictObject({ type: z.literal('noauth') }),
  z.strictObject({
    type: z.literal('keystone'),
    /** Keystone as this service reaches it. */
    url: z.url(),
    /** Keystone as clients reach it, if that is another address. */
    publicUrl: z.url().optional(),
    /** The service's own user: to validate tokens he needs the role `service` or `admin`. */
    username: z.string().min(1),
    password: z.string().min(1),
    userDomain: z.string().min(1).default('Default'),
    project: z.string().min(1).default('service'),
    projectDomain: z.string().min(1).default('Default'),
    /** A request that Keystone leaves waiting so long is answered 503. */
    timeoutMs: z.int().min(100).max(60_000).default(5_000),
    /** How long a token is believed without asking Keystone again, which is how long a revoked one still works. */
    cacheSeconds: z.int().min(0).max(3_600).default(60),
    cachedTokens: z.int().min(1).max(1_000_000).default(10_000),
    /** A service with one of these roles may act for a user whose token has expired meanwhile. */
    serviceRoles: z.array(z.string().min(1)).default(['service']),
  }),
]);

const schema = z.strictObject({
  /** Where `npm start` keeps everything: database, Temporal, volumes. */
  dataDir: z.string().min(1).default('.rekindle'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  api: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8776),
      /** `noauth` believes whatever a caller says he is; it serves beyond loopback only if this is true. */
      allowRemoteNoauth: z.boolean().default(false),
      /** How long a create may take to be accepted before the caller is answered 503. */
      acceptTimeoutMs: z.int().min(100).max(60_000).default(8_000),
      /** How long the explanation of a create may take before the caller is answered 503; half of it is for the plan. */
      explainTimeoutMs: z.int().min(1_000).max(300_000).default(30_000),
      /** Base of the links in answers, where clients reach the API under another address. */
      publicUrl: z.url().optional(),
    })
    .prefault({}),
  /** Who callers are. */
  auth: auth.default({ type: 'noauth' }),
  database: z
    .strictObject({
      /** Left out, `npm start` starts a PostgreSQL of its own. */
      url: z.string().min(1).optional(),
      /** `exclusive`: one volume at a time reads a backup (the specification's words); `shared`: any number. */
      backupLock: z.enum(['exclusive', 'shared']).default('exclusive'),
    })
    .prefault({}),
  temporal: z
    .strictObject({
      /** Left out, `npm start` starts a development server of its own. */
      address: z.string().min(1).optional(),
      namespace: z.string().min(1).default('rekindle'),
      /** Of the development server that `npm start` and `npm run temporal` start; others look for it there by default. */
      port: port.default(7233),
      uiPort: port.default(8233),
      uiUrl: z.url().optional(),
      /** Path of the Temporal CLI, for the development server. */
      cli: z.string().min(1).optional(),
    })
    .prefault({}),
  /** This machine's name in `host@backend#pool`. */
  host: name.default(hostname()),
  availabilityZone: z.string().min(1).max(255).default('nova'),
  defaultVolumeType: z.string().min(1).default('__DEFAULT__'),
  volumeTypes: z.array(volumeType).default([]),
  quota: z
    .strictObject({
      volumes: limit.default(10),
      gigabytes: limit.default(1000),
      backups: limit.default(10),
      backupGigabytes: limit.default(1000),
      perVolumeGigabytes: limit.default(-1),
    })
    .prefault({}),
  backends: z.array(backend).default([]),
  repositories: z.array(repository).default([]),
  backups: z
    .strictObject({
      /** Whether deleting a backup removes what it has in its repository too, and not only its record. */
      deleteObjects: z.boolean().default(false),
    })
    .prefault({}),
  restore: z
    .strictObject({
      giveUpAfterMs: z
        .int()
        .min(1_000)
        .default(30 * 60_000),
      /** How long what a failed create leaves on its pool is kept for a retry; 0: it is removed at once. */
      retryGraceHours: z.number().min(0).max(8_760).default(24),
      heartbeatTimeoutMs: z.int().min(1_000).default(60_000),
      /** The pause before a copy that failed is tried again; it doubles each time, up to thirty times as much. */
      retryAfterMs: z.int().min(100).max(60_000).default(1_000),
      /** How often progress reaches Temporal at the most. */
      heartbeatThrottleMs: z.int().min(100).default(10_000),
      /** Whether backups are restored that hold neither hashes of their blocks nor of their objects. */
      allowUnverified: z.boolean().default(false),
      /** Whether everything is read back from the disk and compared once more before a volume is `available`. */
      readBack: z.boolean().default(false),
    })
    .prefault({}),
  worker: z
    .strictObject({
      roles: z
        .array(z.enum(['control', 'data']))
        .min(1)
        .default(['control', 'data']),
      /** How often a data worker reports its pools. */
      reportEveryMs: z.int().min(100).default(10_000),
      /** A short call of a volume driver that takes longer is taken for lost, and repeated. */
      callTimeoutMs: z.int().min(1_000).default(60_000),
      /** A pool not reported for so long is served by nobody. */
      reportMaxAgeMs: z.int().min(1_000).default(60_000),
      /** How often volumes are looked for whose workflow is gone; null: never. */
      reconcileEveryMs: z.int().min(1_000).nullable().default(60_000),
      /** How often a data worker looks on its pools for data that no volume accounts for; null: never. */
      lookForOrphansEveryMs: z.int().min(1_000).nullable().default(600_000),
      /** How long such data of a deleted volume is left where it is. */
      orphanGraceHours: z.number().min(0).max(8_760).default(24),
      /** Memory for all copies of a worker: one for each 256 MiB runs at a time, more wait. */
      copyMemoryMib: z.int().min(256).default(1_024),
      /** Objects that one copy reads, decodes and verifies side by side: one for each core, but at most four. */
      readersPerCopy: z.int().min(1).max(16).default(Math.min(4, availableParallelism())),
      /** What all copies of a worker may move together; null: no limit. */
      bytesPerSecond: z.int().min(1).nullable().default(null),
    })
    .prefault({}),
});

export type Config = z.infer<typeof schema>;

/** A configuration that can't be used. The message names every fault and where it stands. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Environment variables that override the file, and where in it they belong. */
const OVERRIDES = {
  REKINDLE_DATA_DIR: ['dataDir'],
  REKINDLE_LOG_LEVEL: ['logLevel'],
  REKINDLE_API_HOST: ['api', 'host'],
  REKINDLE_API_PORT: ['api', 'port'],
  REKINDLE_AUTH_TYPE: ['auth', 'type'],
  REKINDLE_KEYSTONE_URL: ['auth', 'url'],
  REKINDLE_KEYSTONE_USERNAME: ['auth', 'username'],
  REKINDLE_KEYSTONE_PASSWORD: ['auth', 'password'],
  REKINDLE_DATABASE_URL: ['database', 'url'],
  REKINDLE_TEMPORAL_ADDRESS: ['temporal', 'address'],
  REKINDLE_TEMPORAL_NAMESPACE: ['temporal', 'namespace'],
  REKINDLE_TEMPORAL_UI_URL: ['temporal', 'uiUrl'],
  REKINDLE_TEMPORAL_CLI: ['temporal', 'cli'],
  REKINDLE_HOST: ['host'],
} as const;

/** The environment, for those who hand it on: to child processes, or to where a user's cache lies. */
export function readEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/**
 * Reads the configuration: defaults, then the YAML file named by `REKINDLE_CONFIG` (if any), then the environment.
 * Relative paths that stand in the file are relative to it; all others to the current folder. The only reader of the environment.
 * @throws ConfigError
 */
export function readConfig(env: NodeJS.ProcessEnv = readEnvironment()): Config {
  const file = env.REKINDLE_CONFIG;
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const written = file === undefined ? {} : readYaml(file);
  // One that nobody wrote lies where the command is typed, wherever the file lies.
  if (typeof written.dataDir === 'string') written.dataDir = resolve(base, written.dataDir);
  return withAbsolutePaths(parseConfig(withOverrides(written, env), file), base);
}

/** Checks what somebody wrote and fills in the defaults. @throws ConfigError naming every fault */
export function parseConfig(written: unknown, file?: string): Config {
  const parsed = schema.safeParse(written);
  if (parsed.success) return parsed.data;
  const faults = z.prettifyError(parsed.error);
  throw new ConfigError(`The configuration${file ? ` ${file}` : ''} can't be used:\n${faults}`);
}

function readYaml(file: string): Record<string, unknown> {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'));
    return z.record(z.string(), z.unknown()).parse(content ?? {});
  } catch (error) {
    throw new ConfigError(`The configuration file ${file} can't be read: ${String(error)}`, { cause: error });
  }
}

function withOverrides(written: Record<string, unknown>, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const result = structuredClone(written);
  for (const [variable, path] of Object.entries(OVERRIDES)) {
    const text = env[variable];
    if (text !== undefined && text !== '') setAt(result, path, variable === 'REKINDLE_API_PORT' ? Number(text) : text);
  }
  return result;
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = z.record(z.string(), z.unknown()).safeParse(target[head]);
  const section = inner.success ? inner.data : {};
  setAt(section, rest, value);
  target[head] = section;
}

function withAbsolutePaths(config: Config, base: string): Config {
  const absolute = (path: string): string => resolve(base, path);
  return {
    ...config,
    dataDir: resolve(config.dataDir),
    repositories: config.repositories.map((one) => ({ ...one, path: absolute(one.path) })),
    backends: config.backends.map((one) => ({
      ...one,
      pools: one.pools.map((each) => ({ ...each, path: absolute(each.path) })),
    })),
  };
}
