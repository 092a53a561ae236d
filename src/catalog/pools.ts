import { sql } from 'kysely';
import type { SqlBool } from 'kysely';
import type { Pool, PoolReport } from '../domain/pool';
import type { ProjectUse } from './catalog';
import { currentTime } from './database';
import type { Database } from './database';
import { reservedSizeGib } from './reserved-size';

/**
 * What volumes and owed data take of a pool, summed from their rows: a volume holds its reservation from placement until
 * nothing of it is left there (S-54).
 */
const provisionedCapacityGib = sql<number>`(
  select coalesce(sum(size_gib), 0) from (
    select ${reservedSizeGib} as size_gib from volumes where volumes.host = pools.name
    union all
    select size_gib from owed_removals where owed_removals.pool_name = pools.name
  ) taken
)`;

/** What its backend's line among the services says. */
const isDisabled = sql<boolean>`exists (
  select from services
  where services."binary" = 'cinder-volume' and services.host = split_part(pools.name, '#', 1) and is_disabled
)`;

export async function listPools(db: Database): Promise<readonly Pool[]> {
  return db
    .selectFrom('pools')
    .select([
      'name',
      'availability_zone as availabilityZone',
      'total_capacity_gib as totalCapacityGib',
      'free_capacity_gib as freeCapacityGib',
      provisionedCapacityGib.as('provisionedCapacityGib'),
      'reserved_percentage as reservedPercentage',
      'thin_provisioning as thinProvisioning',
      'max_over_subscription_ratio as maxOverSubscriptionRatio',
      'capabilities',
      'reported_at as reportedAt',
      isDisabled.as('isDisabled'),
    ])
    .orderBy('name')
    .execute();
}

/** See `CatalogReader.useOfBackend`. */
export async function useOfBackend(db: Database, backend: string): Promise<readonly ProjectUse[]> {
  return db
    .selectFrom('volumes')
    .where(sql<SqlBool>`starts_with(volumes.host, ${`${backend}#`})`)
    .where('status', '<>', 'deleted')
    .groupBy('project_id')
    .orderBy('project_id')
    .select([
      'project_id as projectId',
      sql<number>`count(*)`.as('volumes'),
      sql<number>`sum(${reservedSizeGib})`.as('sizeGib'),
    ])
    .execute();
}

/** In a transaction: nobody else places a volume until it ends. In the order of names, as everybody locks them. */
export async function lockPools(db: Database): Promise<void> {
  await db.selectFrom('pools').select('name').orderBy('name').forUpdate().execute();
}

/** Zones of all pools that ever reported, also of those that are down now (S-7). */
export async function knownZones(db: Database): Promise<readonly string[]> {
  const rows = await db.selectFrom('pools').select('availability_zone').distinct().execute();
  return rows.map((row) => row.availability_zone);
}

export async function reportPools(db: Database, reports: readonly PoolReport[]): Promise<void> {
  if (reports.length === 0) return;
  const values = [...reports].sort((a, b) => (a.name < b.name ? -1 : 1)).map(rowOf);
  await db
    .insertInto('pools')
    .values(values)
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({
        availability_zone: row.ref('excluded.availability_zone'),
        total_capacity_gib: row.ref('excluded.total_capacity_gib'),
        free_capacity_gib: row.ref('excluded.free_capacity_gib'),
        reserved_percentage: row.ref('excluded.reserved_percentage'),
        thin_provisioning: row.ref('excluded.thin_provisioning'),
        max_over_subscription_ratio: row.ref('excluded.max_over_subscription_ratio'),
        capabilities: row.ref('excluded.capabilities'),
        reported_at: row.ref('excluded.reported_at'),
      })),
    )
    .execute();
}

function rowOf(report: PoolReport) {
  return {
    name: report.name,
    availability_zone: report.availabilityZone,
    total_capacity_gib: report.totalCapacityGib,
    free_capacity_gib: report.freeCapacityGib,
    reserved_percentage: report.reservedPercentage,
    thin_provisioning: report.thinProvisioning,
    max_over_subscription_ratio: report.maxOverSubscriptionRatio,
    capabilities: JSON.stringify(report.capabilities),
    reported_at: currentTime,
  };
}
