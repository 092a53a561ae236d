import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder';
import { buildTemporalCli } from './temporal-cli-build';
import { downloadTemporalCli } from './temporal-cli-download';

const run = promisify(execFile);

export interface CliSearch {
  /** From the configuration. If it is given, nothing else is tried. */
  readonly explicitPath?: string;
  /** The version to download or build, for example `1.8.2`. */
  readonly version: string;
  /** Of it, PATH, HOME and XDG_CACHE_HOME matter; a build with Go takes all of it. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** Where the download service is; for tests. */
  readonly downloadUrl?: string;
}

export interface TemporalCli {
  readonly path: string;
  /** What `temporal --version` says. */
  readonly description: string;
}

/** The first server with update-with-start and pausing of activities switched on: 1.28 (reference/temporal.md 1.4). */
const OLDEST_SERVER_MINOR = 28;

/**
 * Finds the Temporal CLI, which holds the development server: the given path, else the PATH, else what an earlier run
 * left in the user's cache folder, else by download, else built with Go (tools/temporal). The last two leave it in the
 * cache folder.
 * @throws Error that names all the ways
 */
export async function findTemporalCli(search: CliSearch): Promise<TemporalCli> {
  if (search.explicitPath !== undefined) return inspect(search.explicitPath);
  const cached = join(cacheFolder(search.env), `temporal-${search.version}`);
  const onPath = await findOnPath(search.env['PATH'] ?? '');
  for (const path of [onPath, cached]) {
    if (path === null || !(await isExecutable(path))) continue;
    try {
      return await inspect(path);
    } catch (error) {
      search.log(`${reasonOf(error)}; looking further`);
    }
  }
  const reasons: string[] = [];
  for (const obtain of [downloadTemporalCli, buildTemporalCli]) {
    try {
      await obtain({ ...search, target: cached });
      return await inspect(cached);
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Error(noWayLeft(search.version, cached, reasons));
}

function noWayLeft(version: string, cached: string, reasons: readonly string[]): string {
  return [
    `The Temporal CLI, which the development server needs, can't be had: ${reasons.join('; ')}. Any one of these helps:`,
    `- set REKINDLE_TEMPORAL_CLI to the path of a Temporal CLI (${version} is what Rekindle is tested with)`,
    `- put "temporal" on the PATH, or at ${cached}`,
    '- allow the download (HTTPS)',
    '- install Go 1.26 or newer: it is then built from source, about five minutes, once',
    '- set REKINDLE_TEMPORAL_ADDRESS to a Temporal server of yours; "docker compose -f temporal-dev.yml up" starts one',
  ].join('\n');
}

/** @throws Error if it isn't a Temporal CLI, or one whose server is too old */
async function inspect(path: string): Promise<TemporalCli> {
  const said = await run(path, ['--version'], { timeout: 20_000 }).catch((cause: unknown) => {
    throw new Error(`${path} can't be run as the Temporal CLI`, { cause });
  });
  const description = said.stdout.trim();
  const server = /Server 1\.(\d+)/.exec(description);
  if (!server) throw new Error(`${path} is not a Temporal CLI with a server: ${description}`);
  if (Number(server[1]) < OLDEST_SERVER_MINOR) {
    throw new Error(`${path} holds a server older than 1.${OLDEST_SERVER_MINOR}: ${description}`);
  }
  return { path, description };
}

async function findOnPath(searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(folder, 'temporal');
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
