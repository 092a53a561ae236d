import type { Logger } from 'pino';

export interface RegularReport {
  /** Returns when the report that is under way, if any, is over. */
  stop(): Promise<void>;
}

export interface RegularReportOptions {
  readonly report: () => Promise<void>;
  readonly everyMs: number;
  /** What could not be reported, for the log. */
  readonly what: string;
  readonly log: Logger;
}

/** Reports now, and again every `everyMs`: that is how others know that somebody is there. Returns after the first report. */
export async function startRegularReport(options: RegularReportOptions): Promise<RegularReport> {
  await options.report();
  return repeatedly(options, Promise.resolve());
}

/** The same, but nobody waits for the first report, nor does its failure keep anybody from starting. */
export function startBackgroundReport(options: RegularReportOptions): RegularReport {
  return repeatedly(options, attempted(options));
}

/** One at a time: what takes longer than `everyMs` is not begun twice. */
function repeatedly(options: RegularReportOptions, first: Promise<void>): RegularReport {
  let running: Promise<void> | null = null;
  const begin = (work: Promise<void>): void => {
    running = work.finally(() => {
      running = null;
    });
  };
  begin(first);
  const timer = setInterval(() => {
    if (!running) begin(attempted(options));
  }, options.everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function attempted({ report, what, log }: RegularReportOptions): Promise<void> {
  try {
    await report();
  } catch (error) {
    // The next report is due soon; until one succeeds the others see this one age.
    log.warn({ err: error }, `${what} could not be reported`);
  }
}
