import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StepName } from '../../activities/index';

/** `has taken effect`: but nobody has been told. `is in the middle`: some bytes have been moved, not all. */
export type Moment = 'begins' | 'is in the middle' | 'has taken effect';

/** That a worker dies, once, while it runs a step for a volume. */
export interface Death {
  readonly volumeId: string;
  readonly step: StepName;
  readonly moment: Moment;
}

const DIED = 'died';

/** Plans a death, in a folder that tests and workers share. */
export function planDeath(folder: string, death: Death): void {
  writeFileSync(fileOf(folder, death), '');
}

/** Ends this process as a power cut would, if that is planned for this moment and has not happened yet. */
export function dieIfPlanned(folder: string, death: Death): void {
  try {
    renameSync(fileOf(folder, death), `${fileOf(folder, death)}.${DIED}`);
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

export function hasDied(folder: string, death: Death): boolean {
  return readdirSync(folder).includes(`${path.basename(fileOf(folder, death))}.${DIED}`);
}

function fileOf(folder: string, { volumeId, step, moment }: Death): string {
  return path.join(folder, `${volumeId}.${step}.${moment.replaceAll(' ', '-')}`);
}
