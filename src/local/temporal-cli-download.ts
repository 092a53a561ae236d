import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { isNativeError } from 'node:util/types';
import { z } from 'zod';

const run = promisify(execFile);

/** Where Temporal's SDKs get the CLI from (sdk-core, ephemeral_server/mod.rs). */
const DOWNLOAD_URL = 'https://temporal.download';

/** Many networks don't let it through: then we want to know at once, since there is another way. */
const ASK_TIMEOUT_MS = 4_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };
const ANSWER = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });

export interface CliDownload {
  readonly version: string;
  /** Where the executable goes. It appears there complete or not at all: two that download at once don't disturb each other. */
  readonly target: string;
  readonly log: (line: string) => void;
  readonly downloadUrl?: string;
}

/**
 * Does what the SDK's test environment does to get the CLI, without its three drawbacks: no time limit, no choice but to
 * start a server as well, and only within a runtime of the SDK, of which a process has one.
 * @throws Error if the service can't be reached or has no such version
 */
export async function downloadTemporalCli({
  version,
  target,
  log,
  downloadUrl = DOWNLOAD_URL,
}: CliDownload): Promise<void> {
  try {
    const { archiveUrl, fileToExtract } = await ask(version, downloadUrl);
    log(`Downloading the Temporal CLI ${version} to ${target}, once`);
    await mkdir(dirname(target), { recursive: true });
    const unfinished = await mkdtemp(`${target}.`);
    try {
      const archive = join(unfinished, 'archive.tar.gz');
      await fetchFile(archiveUrl, archive);
      await run('tar', ['-xzf', archive, '-C', unfinished, fileToExtract]);
      await chmod(join(unfinished, fileToExtract), 0o755);
      await rename(join(unfinished, fileToExtract), target);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  } catch (cause) {
    throw new Error(`the download failed (${deepestReason(cause)})`, { cause });
  }
}

async function ask(version: string, downloadUrl: string): Promise<z.infer<typeof ANSWER>> {
  const arch = ARCHITECTURES[process.arch];
  if (!arch) throw new Error(`no Temporal CLI for ${process.arch}`);
  const query = new URLSearchParams({ arch, platform: process.platform, format: 'tar.gz' });
  const url = `${downloadUrl}/cli/v${version}?${query.toString()}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const answer = ANSWER.parse(await response.json());
  if (basename(answer.fileToExtract) !== answer.fileToExtract)
    throw new Error(`unexpected name ${answer.fileToExtract}`);
  return answer;
}

async function fetchFile(url: string, file: string): Promise<void> {
  const signal = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const response = await fetch(url, { signal });
  if (!response.ok || !response.body) throw new Error(`${url} answers ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal });
}

/** `fetch failed` says nothing; its cause does. */
function deepestReason(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  return error.cause === undefined ? error.message : deepestReason(error.cause);
}
