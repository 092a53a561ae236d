import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from './project-folder';

const run = promisify(execFile);

export interface CliBuild {
  readonly version: string;
  /** Where the executable goes. It appears there complete or not at all: two that build at once don't disturb each other. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/**
 * Builds the CLI from its Go modules, pinned by tools/temporal. No package of npm or of a distribution carries it.
 * @throws Error if there is no Go, or if the build fails
 */
export async function buildTemporalCli({ version, target, env, log }: CliBuild): Promise<void> {
  const options = { cwd: join(projectFolder(), 'tools', 'temporal'), env, maxBuffer: 64 * 2 ** 20 };
  await run('go', ['version'], options).catch((cause: unknown) => {
    throw new Error('there is no Go to build it with', { cause });
  });
  log(`Building the Temporal CLI ${version} with Go into ${target}: about five minutes, once`);
  await mkdir(dirname(target), { recursive: true });
  const unfinished = await mkdtemp(`${target}.`);
  try {
    const binary = join(unfinished, 'temporal');
    const named = `-X github.com/temporalio/cli/internal/temporalcli.Version=${version}`;
    await run('go', ['build', '-ldflags', named, '-o', binary, 'github.com/temporalio/cli/cmd/temporal'], options);
    await rename(binary, target);
  } catch (cause) {
    throw new Error(`the build with Go failed (${cause instanceof Error ? cause.message.trim() : String(cause)})`, {
      cause,
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
