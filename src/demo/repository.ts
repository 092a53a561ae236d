import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { projectFolder } from '../local/project-folder';

const run = promisify(execFile);

const expectedFile = z.object({
  chain: z
    .array(z.object({ backup_id: z.string(), label: z.string(), volume_bytes: z.int(), content_sha256: z.string() }))
    .min(1),
});

const recordFile = z.object({ 'backup-record': z.object({ backup_service: z.string(), backup_url: z.string() }) });

/** A chain of backups that Cinder wrote, and the right answer for its last link. */
export interface DemoChain {
  readonly name: string;
  /** What `export_record` answered for each link, the full backup first. */
  readonly records: readonly z.infer<typeof recordFile>[];
  readonly lastBackupId: string;
  readonly links: number;
  readonly volumeBytes: number;
  readonly contentSha256: string;
}

/** Unpacks a fixture and adds its objects to the repository, as if Cinder had written them there. */
export async function unpackChain(name: string, workFolder: string, repository: string): Promise<DemoChain> {
  const folder = join(workFolder, name);
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', join(projectFolder(), 'test', 'fixtures', `${name}.tar.gz`), '-C', folder]);
  await cp(join(folder, 'repo'), repository, { recursive: true });
  const { chain } = expectedFile.parse(await readJson(join(folder, 'expected.json')));
  const records = await Promise.all(
    chain.map(async ({ label }, index) =>
      recordFile.parse(await readJson(join(folder, 'records', `${index}-${label}.json`))),
    ),
  );
  const last = chain[chain.length - 1] ?? failEmpty(name);
  return {
    name,
    records,
    links: chain.length,
    lastBackupId: last.backup_id,
    volumeBytes: last.volume_bytes,
    contentSha256: last.content_sha256,
  };
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

function failEmpty(name: string): never {
  throw new Error(`The fixture ${name} holds no backup`);
}
