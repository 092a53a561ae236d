import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog';
import type { Config } from '../config';
import { takeIn } from '../intake/intake';
import { recordFiles } from '../intake/record-files';
import { IntakeReport } from '../intake/report';
import { repositoryRecords } from '../intake/repository';
import type { RecordSource } from '../intake/source';
import { cacheFolder } from '../local/cache-folder';
import { runningPostgres, startPostgres } from '../local/postgres';
import { openCatalog } from './parts';

/** What `rekindle import` was asked. */
export interface ImportRequest {
  /** A folder of exported records; null: the configured repositories themselves. */
  readonly folder: string | null;
  readonly projectId: string | null;
  readonly userId: string | null;
  /** The driver class of backups whose records are rebuilt. */
  readonly service: string;
  readonly dryRun: boolean;
}

export interface ImportParts {
  readonly config: Config;
  readonly log: Logger;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (text: string) => void;
  /** Whether a person watches, who is shown a bar. */
  readonly isWatched: boolean;
}

/** Takes in what there is and says what came of it. Answers whether nothing was refused. */
export async function importBackups(request: ImportRequest, parts: ImportParts): Promise<boolean> {
  const { config, log, say, isWatched } = parts;
  const { projectId, userId, dryRun } = request;
  const sources = sourcesOf(request, config);
  return withCatalog(parts, async (catalog) => {
    let isComplete = true;
    for (const { name, source } of sources) {
      const report = new IntakeReport();
      const bar = isWatched ? startBar() : null;
      const intake = await takeIn({
        ...{ source, catalog, projectId, userId, dryRun },
        availabilityZone: config.availabilityZone,
        onRefused: (refused) => report.add(refused),
        onProgress: (done, total) => {
          bar?.setTotal(total ?? Math.max(done, 1));
          bar?.update(total === null ? 0 : done, { phase: total === null ? `found ${done}` : 'taking in' });
        },
      }).finally(() => bar?.stop());
      say(`${name}\n${report.table(intake, { dryRun })}`);
      log.info({ ...intake, source: name }, 'records taken in');
      isComplete &&= intake.refused === 0;
    }
    return isComplete;
  });
}

interface NamedSource {
  readonly name: string;
  readonly source: RecordSource;
}

function sourcesOf({ folder, service }: ImportRequest, config: Config): readonly NamedSource[] {
  if (folder !== null) return [{ name: folder, source: recordFiles(folder) }];
  const paths = config.repositories.map(({ path }) => path);
  // Where `npm start` looks for backups if nobody has said where they lie.
  const roots = paths.length > 0 ? paths : [join(config.dataDir, 'backups')];
  return roots.map((root) => ({ name: root, source: repositoryRecords({ root, service }) }));
}

/** The configured database, or that of `npm start`, whether it runs at this moment or not. */
async function withCatalog<Result>(
  { config, log, env }: ImportParts,
  use: (catalog: Catalog) => Promise<Result>,
): Promise<Result> {
  const folder = join(config.dataDir, 'postgres');
  const url = config.database.url ?? (await runningPostgres(folder, 'rekindle'));
  const own =
    url === null ? await startPostgres({ folder, cacheFolder: cacheFolder(env), log: (line) => log.info(line) }) : null;
  try {
    const database = { ...config.database, url: url ?? (await own?.createDatabase('rekindle')) };
    const catalog = await openCatalog({ ...config, database }, log);
    try {
      return await use(catalog);
    } finally {
      await catalog.close();
    }
  } finally {
    await own?.stop();
  }
}

function startBar(): SingleBar {
  const bar = new SingleBar({ format: '  {phase} [{bar}] {value} of {total}', barsize: 32, hideCursor: true });
  bar.start(1, 0, { phase: 'looking' });
  return bar;
}
