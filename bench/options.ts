import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CODECS, DATA, LINKS } from './cases';
import type { CaseFilter } from './cases';

export interface BenchOptions {
  readonly filter: CaseFilter;
  readonly runs: number;
  readonly cache: string;
  /** Where the figures are written as JSON besides. */
  readonly json: string | null;
  /** Makes the repositories and ends. */
  readonly prepareOnly: boolean;
}

export const USAGE = `npm run bench -- [options]
  --codec LIST         none,zlib,bz2,zstd          (all)
  --links LIST         lengths of the chains       (1,8,30)
  --data LIST          data,zeros                  (both)
  --gib N              size of the volume          (2)
  --object-bytes N     only objects of this size   (52428800, and two rows with posix's 1999994880)
  --runs N             pairs of runs for each case (3)
  --json FILE          writes all figures to FILE
  --cache FOLDER       repositories and targets    (~/.cache/rekindle/bench)
  --prepare            makes the repositories and ends`;

/** @throws TypeError for an option that there isn't */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      codec: { ...text, default: CODECS.join() },
      links: { ...text, default: LINKS.join() },
      data: { ...text, default: DATA.join() },
      gib: { ...text, default: '2' },
      'object-bytes': text,
      runs: { ...text, default: '3' },
      json: text,
      cache: {
        ...text,
        default: join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rekindle', 'bench'),
      },
      prepare: { type: 'boolean', default: false },
    },
  });
  const objectBytes = values['object-bytes'];
  return {
    filter: {
      codecs: values.codec.split(','),
      links: values.links.split(',').map(positive),
      data: values.data.split(','),
      gib: positive(values.gib),
      objectBytes: objectBytes === undefined ? null : positive(objectBytes),
    },
    runs: positive(values.runs),
    cache: resolve(values.cache),
    json: values.json === undefined ? null : resolve(values.json),
    prepareOnly: values.prepare,
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`Not a positive number: ${JSON.stringify(text)}`);
  return value;
}
