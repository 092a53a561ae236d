import { readFile, rm } from 'node:fs/promises';
import { run } from './command';
import { scriptPath } from './python';

/** Of a process with everything that it started. */
export interface Measured<Report> {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** What the process printed as JSON. */
  readonly report: Report;
}

export interface MeasuredCommand {
  readonly python: string;
  readonly command: readonly string[];
  readonly scratchFile: string;
}

/** Writes of anybody before are on disk first, so that they don't count. */
export async function measure<Report>({ python, command, scratchFile }: MeasuredCommand): Promise<Measured<Report>> {
  await run('sync', []);
  const printed = await run(python, [scriptPath('machine', 'measure.py'), scratchFile, ...command]);
  const measured = JSON.parse(await readFile(scratchFile, 'utf8')) as Omit<Measured<Report>, 'report'>;
  await rm(scratchFile);
  return { ...measured, report: JSON.parse(printed) as Report };
}
