import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command';
import type { Repository } from './repository';

/** Reads the chain's objects once, so that both find them in memory if they fit. */
export async function warm(repository: Repository): Promise<void> {
  for (const file of await filesOf(repository)) {
    const stream = createReadStream(file, { highWaterMark: 1024 * 1024 });
    stream.resume();
    await new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
  }
}

/** Share of the chain's bytes that are in the page cache, or null where util-linux's fincore isn't there to tell. */
export async function residentShare(repository: Repository): Promise<number | null> {
  const files = await filesOf(repository);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  try {
    const printed = await run('fincore', ['--bytes', '--noheadings', '--output', 'RES', ...files]);
    // Whole pages are counted, also of files that end within one.
    return Math.min(1, sum(printed.trim().split(/\s+/).map(Number)) / sum(sizes));
  } catch {
    return null;
  }
}

async function filesOf({ root, chain }: Repository): Promise<string[]> {
  const folders = chain.map(({ container }) => join(root, container!));
  const names = await Promise.all(folders.map((folder) => readdir(folder)));
  return folders.flatMap((folder, index) => names[index]!.map((name) => join(folder, name)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
