import { sql } from 'kysely';
import { FORGOTTEN_AFTER_DAYS } from '../domain/service-report';
import type { Service, ServiceReport } from '../domain/service-report';
import type { ServiceSwitch } from './catalog';
import { currentTime, isStorable, requireStorable } from './database';
import type { Database } from './database';

/** See `CatalogReader.listServices`. */
export async function listServices(db: Database): Promise<readonly Service[]> {
  return db
    .selectFrom('services')
    .select(['binary', 'host', 'availability_zone as availabilityZone', 'reported_at as reportedAt'])
    .select(['is_disabled as isDisabled', 'disabled_reason as disabledReason'])
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

/** See `Catalog.reportServices`. Rows that somebody else is forgetting, or that report again this moment, are left to him. */
export async function forgetServices(db: Database): Promise<void> {
  const gone = db
    .selectFrom('services')
    .select(['binary', 'host'])
    .where('is_disabled', '=', false)
    .where('reported_at', '<', sql<Date>`${currentTime} - make_interval(days => ${FORGOTTEN_AFTER_DAYS})`)
    .forUpdate()
    .skipLocked();
  await db
    .deleteFrom('services')
    .where((column) => column.refTuple('binary', 'host'), 'in', gone.$asTuple('binary', 'host'))
    .execute();
}

/** See `CatalogEdits.switchBackend`. */
export async function switchBackend(db: Database, { host, isDisabled, reason }: ServiceSwitch): Promise<boolean> {
  requireStorable(reason);
  if (!isStorable(host)) return false;
  const { numUpdatedRows } = await db
    .updateTable('services')
    .set({ is_disabled: isDisabled, disabled_reason: isDisabled ? reason : null })
    .where('binary', '=', 'cinder-volume')
    .where('host', '=', host)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
