import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { projectFolder } from '../../src/local/project-folder';

/*
 * What runs of a version that is deployed left in Temporal's database, and what the next version has to be able to go on with. Recorded by
 * `npm run record-histories`, from what is about to be deployed; never edited, and never made anew to please a change: a workflow that can't
 * replay them fails those that are under way.
 */

const FOLDER = path.join(projectFolder(), 'test', 'fixtures', 'histories');
const SUFFIX = '.json.gz';

export interface RecordedHistory {
  readonly name: string;
  /** As Temporal's CLI and UI export it. */
  readonly json: string;
}

export function recordedHistories(): RecordedHistory[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => ({
      name: file.slice(0, -SUFFIX.length),
      json: gunzipSync(readFileSync(path.join(FOLDER, file))).toString('utf8'),
    }));
}

export function keepHistory({ name, json }: RecordedHistory): void {
  mkdirSync(FOLDER, { recursive: true });
  // In stack traces and identities stands on whose machine it was.
  const anybody = json.replaceAll(`${projectFolder()}/`, '').replaceAll(`@${hostname()}`, '@host');
  writeFileSync(path.join(FOLDER, `${name}${SUFFIX}`), gzipSync(anybody, { level: 9 }));
}
