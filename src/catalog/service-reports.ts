import type { Service, ServiceReport } from '../domain/service-report';
import { currentTime } from './database';
import type { Database } from './database';

/** See `CatalogReader.listServices`. */
export async function listServices(db: Database): Promise<readonly Service[]> {
  return db
    .selectFrom('services')
    .select(['binary', 'host', 'availability_zone as availabilityZone', 'reported_at as reportedAt'])
    .orderBy('binary')
    .orderBy('host')
    .execute();
}

/** See `Catalog.reportServices`. In the order of their keys, as everybody writes them. */
export async function reportServices(db: Database, reports: readonly ServiceReport[]): Promise<void> {
  if (reports.length === 0) return;
  const values = [...reports]
    .sort((a, b) => (`${a.binary} ${a.host}` < `${b.binary} ${b.host}` ? -1 : 1))
    .map(({ binary, host, availabilityZone }) => ({
      ...{ binary, host, availability_zone: availabilityZone, reported_at: currentTime },
    }));
  await db
    .insertInto('services')
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(['binary', 'host']).doUpdateSet((row) => ({
        availability_zone: row.ref('excluded.availability_zone'),
        reported_at: row.ref('excluded.reported_at'),
      })),
    )
    .execute();
}
