import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectFolder } from './project-folder';

const IMAGE = /^temporalio\/temporal:(\d+\.\d+\.\d+)$/;
const FLAG = /^--[a-z-]+(=.+)?$/;

const schema = z.object({
  services: z.object({
    temporal: z.object({
      image: z.string().regex(IMAGE, 'must be temporalio/temporal with the tag of a version'),
      command: z.tuple(
        [z.literal('server'), z.literal('start-dev')],
        z.string().regex(FLAG, 'must be --flag or --flag=value'),
      ),
    }),
  }),
});

/** What `temporal-dev.yml` says of the development server. */
export interface TemporalDevFile {
  /** Version of the CLI, for example `1.8.2`. */
  readonly version: string;
  readonly namespace: string;
  /** Name to type, in the CLI's spelling (`Keyword`). */
  readonly searchAttributes: Readonly<Record<string, string>>;
  /** All flags, as written. */
  readonly flags: readonly string[];
}

export interface LocalPlace {
  /** Path of the SQLite file. */
  readonly databaseFile: string;
  readonly port: number;
  /** null for no UI. */
  readonly uiPort: number | null;
}

/** Flags that say where the server lies: a container's in the file, a local run's own. */
const PLACE_FLAGS = ['--ip', '--ui-ip', '--port', '--ui-port', '--db-filename', '--headless'];

/** @throws Error naming the file and the fault */
export async function readTemporalDevFile(file = join(projectFolder(), 'temporal-dev.yml')): Promise<TemporalDevFile> {
  const content: unknown = parse(await readFile(file, 'utf8'));
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new Error(`${file} can't be used:\n${z.prettifyError(parsed.error)}`);
  const { image, command } = parsed.data.services.temporal;
  const [, , ...flags] = command;
  const [namespace] = valuesOf(flags, '--namespace');
  const version = IMAGE.exec(image)?.[1];
  if (!namespace || !version) throw new Error(`${file} can't be used: its command has no --namespace`);
  const searchAttributes = Object.fromEntries(valuesOf(flags, '--search-attribute').map(splitAtEquals));
  return { version, namespace, searchAttributes, flags };
}

/** The arguments of `temporal` for a run on this machine: what the file says, but on loopback and with files and ports of ours. */
export function localArguments(file: TemporalDevFile, place: LocalPlace): string[] {
  const kept = file.flags.filter((flag) => !PLACE_FLAGS.includes(splitAtEquals(flag)[0]));
  const ui = place.uiPort === null ? ['--headless'] : [`--ui-port=${place.uiPort}`];
  const own = ['--ip=127.0.0.1', `--port=${place.port}`, ...ui, `--db-filename=${place.databaseFile}`];
  return ['server', 'start-dev', ...own, ...kept];
}

function valuesOf(flags: readonly string[], name: string): string[] {
  return flags.map(splitAtEquals).flatMap(([flag, value]) => (flag === name ? [value] : []));
}

function splitAtEquals(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
