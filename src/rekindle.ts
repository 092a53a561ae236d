#!/usr/bin/env node
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { destination, pino } from 'pino';
import { readConfig, readEnvironment } from './config';
import { importBackups } from './processes/import-process';
import type { ImportRequest } from './processes/import-process';
import { sentenceOf } from './processes/run-until-stopped';

const POSIX_SERVICE = 'cinder.backup.drivers.posix.PosixBackupDriver';

interface ImportFlags {
  readonly repository: boolean;
  readonly project?: string;
  readonly user?: string;
  readonly service: string;
  readonly dryRun: boolean;
}

/** Exit codes: all was taken in; something wasn't; the command wasn't understood, or could not begin. */
const REFUSED = 1;
const FAILED = 2;

async function main(): Promise<void> {
  const program = new Command('rekindle').exitOverride();
  program
    .command('import')
    .description('Takes in the records of backups: those in a folder, or those that a repository still tells of.')
    .argument('[folder]', 'files as "cinder backup-export" prints them, or JSON')
    .option('--repository', 'rebuild the records from the metadata objects in the configured repositories', false)
    .option('--project <id>', 'whose the backups become (default: whose they were)')
    .option('--user <id>', 'the same of the user')
    .option('--service <class>', 'the driver that wrote the repositories', POSIX_SERVICE)
    .option('--dry-run', 'only tell what would be done', false)
    .action(async (folder: string | undefined, flags: ImportFlags, command: Command) => {
      if ((folder === undefined) !== flags.repository) command.error('error: name a folder, or say --repository');
      const isComplete = await runImport(requestOf(folder, flags));
      process.exitCode = isComplete ? 0 : REFUSED;
    });
  await program.parseAsync();
}

function requestOf(folder: string | undefined, flags: ImportFlags): ImportRequest {
  return {
    folder: folder === undefined ? null : resolve(folder),
    projectId: flags.project ?? null,
    userId: flags.user ?? null,
    service: flags.service,
    dryRun: flags.dryRun,
  };
}

function runImport(request: ImportRequest): Promise<boolean> {
  const config = readConfig();
  return importBackups(request, {
    config,
    log: pino({ level: config.logLevel === 'info' ? 'warn' : config.logLevel }, destination(process.stderr.fd)),
    env: readEnvironment(),
    say: (text) => process.stdout.write(`${text}\n`),
    isWatched: process.stderr.isTTY,
  });
}

main().catch((error: unknown) => {
  // Commander has said so itself; it ends like this after --help, too.
  if (!(error instanceof CommanderError)) process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : FAILED;
});
