import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog';
import type { VolumeDriver } from '../drivers/volume/driver';
import { startRegularReport } from './regular-report';
import type { RegularReport } from './regular-report';

export interface PoolReporterOptions {
  readonly catalog: Catalog;
  readonly driver: VolumeDriver;
  readonly everyMs: number;
  /** What else is due on this backend with each report: the removals that are owed. */
  readonly settleDebts: () => Promise<number>;
  readonly log: Logger;
}

/** Reports a backend's pools now, and again every `everyMs`: that is how the scheduler knows that somebody serves them. */
export function startPoolReporter(options: PoolReporterOptions): Promise<RegularReport> {
  const { everyMs, log } = options;
  return startRegularReport({ report: () => report(options), everyMs, what: 'the pools', log });
}

async function report({ catalog, driver, settleDebts, log }: PoolReporterOptions): Promise<void> {
  await catalog.reportPools(await driver.reportPools());
  try {
    const settled = await settleDebts();
    if (settled > 0) log.info({ settled }, 'removed what failed creates had left');
  } catch (error) {
    // Owed still, and tried again with the next report. A debt that can't be paid must not keep a pool from serving.
    log.warn({ err: error }, 'what failed creates left could not be removed');
  }
}
