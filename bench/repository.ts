import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupLink } from '../src/domain/backup';
import type { Case } from './cases';
import { run } from './command';
import { scriptPath } from './python';

/** A link as `cinder/make_repository.py` records it. */
export interface MadeLink extends BackupLink {
  /** Of the whole volume as it was backed up. */
  readonly sha256: string;
  /** In blocks of 32 KiB that aren't all zero. */
  readonly dataBytes: number;
}

export interface Repository {
  readonly root: string;
  /** The case's chain, leaf first. */
  readonly chain: readonly MadeLink[];
}

/** Cases that differ only in the length of the chain share a repository. */
export function repositoryFolder(cache: string, { codec, data, gib, objectBytes }: Case): string {
  return join(cache, 'repositories', [codec, data, gib, objectBytes].join('-'));
}

/** Makes what isn't there yet. */
export async function makeRepository(python: string, root: string, wanted: Case): Promise<void> {
  const { codec, data, gib, objectBytes, links } = wanted;
  const parameters = ['--codec', codec, '--data', data, '--gib', gib, '--object-bytes', objectBytes, '--links', links];
  const script = scriptPath('cinder', 'make_repository.py');
  const lines = await run(python, [script, root, ...parameters.map(String)]);
  process.stderr.write(lines);
}

export async function readRepository(root: string, { links }: Case): Promise<Repository> {
  const manifest = JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8')) as { links: MadeLink[] };
  return { root, chain: manifest.links.slice(0, links).reverse() };
}
