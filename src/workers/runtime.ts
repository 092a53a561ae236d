import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';
import type { Logger } from 'pino';

const PINO_LEVELS: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** That a worker of activities has no workflows is no news, nor are the states it goes through. */
const ABOUT_LIFE = /^(No \w+( \w+)? registered|Worker state changed|Creating worker)/;

/**
 * Sends Temporal's log lines to ours and leaves signals to us, since the API must stop before the workers do.
 * Once per process, before the first connection or worker.
 */
export function installRuntime(log: Logger): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    if (ABOUT_LIFE.test(message)) return;
    // A task token lets its holder complete the activity: it is no matter for a log.
    const fields = Object.entries(meta ?? {}).filter(([key]) => key !== 'taskToken');
    log[PINO_LEVELS[level]](
      Object.fromEntries(fields.map(([key, value]) => [key === 'error' ? 'err' : key, value])),
      message,
    );
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}
