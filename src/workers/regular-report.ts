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

/** Reports now, and again every `everyMs`: that is how others know that somebody is there. */
export async function startRegularReport({ report, everyMs, what, log }: RegularReportOptions): Promise<RegularReport> {
  await report();
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = report().catch((error: unknown) => {
      // The next report is due soon; until one succeeds the others see this one age.
      log.warn({ err: error }, `${what} could not be reported`);
    });
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
