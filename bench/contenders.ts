import { join } from 'node:path';
import { measure } from './measured';
import type { Measured } from './measured';
import { scriptPath } from './python';
import type { RestoreReport } from './request';

export type Contender = 'cinder' | 'rekindle';

/** One restore of one of the two. */
export interface Restore {
  /** Without the start of the process: the service runs when a restore is asked for. */
  readonly seconds: number;
  readonly startSeconds: number;
  readonly wholeSeconds: number;
  /** Cinder's without its start, which costs it seconds. Ours with everything. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly moverMib: number;
  readonly loopMs: number;
}

export interface RestoreOrder {
  readonly python: string;
  readonly requestFile: string;
  readonly scratchFile: string;
}

export const restoreWith: Record<Contender, (order: RestoreOrder) => Promise<Restore>> = {
  async cinder({ requestFile, ...order }) {
    const command = [order.python, scriptPath('cinder', 'restore.py'), requestFile];
    const measured = await measure<RestoreReport & { cpuSeconds: number }>({ ...order, command });
    return { ...restoreOf(measured), cpuSeconds: measured.report.cpuSeconds };
  },
  async rekindle({ requestFile, ...order }) {
    const command = [process.execPath, join(__dirname, 'rekindle.js'), requestFile];
    const measured = await measure<RestoreReport>({ ...order, command });
    return { ...restoreOf(measured), cpuSeconds: measured.cpuSeconds };
  },
};

function restoreOf({ wallSeconds, peakBytes, report }: Measured<RestoreReport>): Omit<Restore, 'cpuSeconds'> {
  return {
    seconds: report.seconds,
    startSeconds: report.startSeconds,
    wholeSeconds: wallSeconds,
    peakBytes,
    moverMib: report.moverMib ?? 0,
    loopMs: report.loopMs ?? 0,
  };
}
