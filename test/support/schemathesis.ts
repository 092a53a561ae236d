import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../src/local/cache-folder';
import { clientsFile } from './clients-venv';
import { pythonVenv } from './python-venv';
import type { PythonVenv } from './python-venv';

/** From PyPI, apart from the clients, whose versions it doesn't share. */
export function schemathesisVenv(): Promise<PythonVenv> {
  const folder = join(cacheFolder(process.env), 'schemathesis-venv');
  return pythonVenv(folder, clientsFile('schemathesis', 'requirements.txt'));
}

export interface Trial {
  /** Where the document lies. */
  readonly document: string;
  /** What its paths are below of. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The same seed asks the same, of the same document. */
  readonly seed: number;
  /** `coverage` (edge cases of each parameter), `fuzzing` (random ones), `stateful` (one call after the other). */
  readonly phases: readonly string[];
  /** Random calls of each operation at the most, in each of the phases. */
  readonly maxExamples: number;
  /** Values of things that are there, which random ones never hit, by what they are. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  /** Its further configuration, in TOML. */
  readonly config: string;
  /** It is ended then, with the code null. */
  readonly timeoutMs: number;
  /** Hears what it says while it is at it. */
  readonly listen?: ((text: string) => void) | undefined;
}

/** Whether an answer is none of a server at fault, and one that the document has: status, content type, form of the body. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** What it has found, and its report. */
export async function tryOut(venv: PythonVenv, trial: Trial): Promise<{ code: number | null; report: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-schemathesis-'));
  const config = join(folder, 'schemathesis.toml');
  writeFileSync(config, `${dictionaries(trial.known)}\n${trial.config}`);
  const options = [
    ...['--config-file', config, 'run', trial.document, '--url', trial.base, '--checks', CHECKS.join()],
    ...['--seed', String(trial.seed), '--max-examples', String(trial.maxExamples), '--continue-on-failure'],
    ...['--phases', trial.phases.join(), '--warnings', 'off', '--workers', '1'],
    ...Object.entries(trial.headers).flatMap(([name, value]) => ['--header', `${name}:${value}`]),
  ];
  try {
    const child = spawn(venv.command('schemathesis'), options, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: trial.timeoutMs,
    });
    const written: string[] = [];
    const hear = (data: unknown): void => {
      written.push(String(data));
      trial.listen?.(String(data));
    };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', hear);
    const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
    return { code, report: written.join('') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function dictionaries(known: Trial['known']): string {
  return Object.entries(known)
    .map(([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`)
    .join('\n');
}
