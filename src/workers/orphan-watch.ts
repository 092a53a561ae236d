import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog';
import type { VolumeDriver } from '../drivers/volume/driver';
import { startBackgroundReport } from './regular-report';
import type { RegularReport } from './regular-report';

export interface OrphanWatchOptions {
  readonly catalog: Catalog;
  readonly driver: VolumeDriver;
  readonly everyMs: number;
  /** How long data of a deleted volume is left where it is. */
  readonly graceMs: number;
  readonly log: Logger;
}

/** Looks on a backend's pools for data that no volume accounts for, and tells of what is new. */
export function startOrphanWatch(options: OrphanWatchOptions): RegularReport {
  const { everyMs, log } = options;
  return startBackgroundReport({ report: () => look(options), everyMs, what: 'data that no volume accounts for', log });
}

async function look({ catalog, driver, graceMs, log }: OrphanWatchOptions): Promise<void> {
  for (const content of await driver.listVolumes()) {
    for (const orphan of await catalog.noteContent(content, graceMs)) {
      const { reason } = orphan;
      log.warn(
        { orphan },
        reason === 'missing' ? 'a volume whose data is missing' : 'data on a pool that no volume accounts for',
      );
    }
  }
}
