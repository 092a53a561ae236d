import { pino } from 'pino';
import type { Logger } from 'pino';
import { ConfigError, readConfig } from '../config';
import type { Config } from '../config';
import { awake, stopSignal } from './stop-signal';

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
    const reason = await awake(Promise.race([stopped, running.failed])).catch((error: unknown) => {
      log.fatal({ err: error }, 'a part has died; stopping');
      process.exitCode = 1;
      return 'failure';
    });
    log.info({ reason }, 'stopping');
    await running.stop();
    log.info('stopped');
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    // Whatever a failed start or stop has left open must not keep the process.
    process.exit(1);
  }
}

/** Errors that JavaScript itself throws: for them nobody has chosen words, and where they come from is all there is to know. */
const FAULTS_OF_OURS = [TypeError, RangeError, ReferenceError, SyntaxError] as const;

/** What a person at the terminal should read: what is wrong and, line by line, why. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (FAULTS_OF_OURS.some((kind) => error instanceof kind)) return error.stack ?? error.message;
  // Its message says it all.
  if (error instanceof ConfigError) return error.message;
  return error.cause === undefined ? wordsOf(error) : `${wordsOf(error)}\n  because: ${sentenceOf(error.cause)}`;
}

/** Where a name has several addresses and none answers, Node's error has no message but one error for each. */
function wordsOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(sentenceOf).join('; ') : error.message;
}
