import { pino } from 'pino';
import type { Logger } from 'pino';
import { ConfigError, readConfig } from '../config';
import type { Config } from '../config';
import { stopSignal } from './stop-signal';

export interface Running {
  /** Rejects if a part dies by itself. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * The life of every process: read the configuration, start, wait for Ctrl-C or SIGTERM (or for a part to die), stop cleanly.
 * A second signal ends the process at once: what it held is taken over at the next start.
 */
export async function runUntilStopped(start: (config: Config, log: Logger) => Promise<Running>): Promise<void> {
  const stopped = stopSignal();
  try {
    const config = readConfig();
    const log = pino({ level: config.logLevel });
    const running = await start(config, log);
    const reason = await Promise.race([stopped, running.failed]).catch((error: unknown) => {
      log.fatal({ err: error }, 'a part has died; stopping');
      process.exitCode = 1;
      return 'failure';
    });
    log.info({ reason }, 'stopping');
    await running.stop();
    log.info('stopped');
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** What a person at the terminal should read. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
