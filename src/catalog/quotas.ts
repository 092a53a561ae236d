import { sql } from 'kysely';
import { typeQuotaKey } from '../domain/quota';
import type { QuotaLimits, QuotaUsage } from '../domain/quota';
import { requireStorable } from './database';
import type { Database } from './database';
import { reservedSizeGib } from './reserved-size';

/** The row of what an administrator made the default of all projects; no project has this id. */
export const EVERY_PROJECT = '';

/**
 * Makes everybody wait who takes quota of the same project, until the transaction ends: what was counted stays true until
 * the new row is written.
 */
export async function lockQuota(db: Database, projectId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`quota of ${projectId}`}, 0))`.execute(db);
}

/** What the project has of its own, over what an administrator made the default, over the configuration. */
export async function quotaLimits(db: Database, projectId: string, defaults: QuotaLimits): Promise<QuotaLimits> {
  const rows = await db
    .selectFrom('quotas')
    .selectAll()
    .where('project_id', 'in', [projectId, EVERY_PROJECT])
    .execute();
  const own = rows.find((row) => row.project_id === projectId);
  const every = rows.find((row) => row.project_id === EVERY_PROJECT);
  return {
    volumes: own?.volumes ?? every?.volumes ?? defaults.volumes,
    gigabytes: own?.gigabytes ?? every?.gigabytes ?? defaults.gigabytes,
    backups: own?.backups ?? every?.backups ?? defaults.backups,
    backupGigabytes: own?.backup_gigabytes ?? every?.backup_gigabytes ?? defaults.backupGigabytes,
    perVolumeGigabytes: own?.per_volume_gigabytes ?? every?.per_volume_gigabytes ?? defaults.perVolumeGigabytes,
    snapshots: own?.snapshots ?? every?.snapshots ?? defaults.snapshots,
    groups: own?.groups ?? every?.groups ?? defaults.groups,
    ofTypes: { ...defaults.ofTypes, ...every?.of_types, ...own?.of_types },
  };
}

/** What is named replaces what stood there, type by type; the rest stays. */
export async function setQuota(db: Database, projectId: string, limits: Partial<QuotaLimits>): Promise<void> {
  requireStorable(projectId);
  const own = {
    volumes: limits.volumes,
    gigabytes: limits.gigabytes,
    backups: limits.backups,
    backup_gigabytes: limits.backupGigabytes,
    per_volume_gigabytes: limits.perVolumeGigabytes,
    snapshots: limits.snapshots,
    groups: limits.groups,
  };
  const ofTypes = JSON.stringify(limits.ofTypes ?? {});
  await db
    .insertInto('quotas')
    .values({ project_id: projectId, ...own, of_types: ofTypes })
    .onConflict((conflict) =>
      conflict.column('project_id').doUpdateSet({
        project_id: projectId,
        ...own,
        of_types: sql<string>`quotas.of_types || ${ofTypes}::jsonb`,
      }),
    )
    .execute();
}

export async function resetQuota(db: Database, projectId: string): Promise<void> {
  requireStorable(projectId);
  await db.deleteFrom('quotas').where('project_id', '=', projectId).execute();
}

/** Counted from the rows that use it, so that it can't drift. */
export async function quotaUsage(db: Database, projectId: string): Promise<QuotaUsage> {
  const byType = await volumesByType(db, projectId);
  const backups = await db
    .selectFrom('backups')
    .where('project_id', '=', projectId)
    .where('status', '<>', 'deleted')
    .select([rowCount, sql<number>`coalesce(sum(size_gib), 0)`.as('gigabytes')])
    .executeTakeFirstOrThrow();
  return {
    volumes: sum(byType.map(({ count }) => count)),
    gigabytes: sum(byType.map(({ gigabytes }) => gigabytes)),
    backups: backups.count,
    backupGigabytes: backups.gigabytes,
    ofTypes: Object.fromEntries(
      byType.flatMap(({ typeId, count, gigabytes }) => [
        [typeQuotaKey('volumes', typeId), count],
        [typeQuotaKey('gigabytes', typeId), gigabytes],
      ]),
    ),
  };
}

const rowCount = sql<number>`count(*)`.as('count');

async function volumesByType(db: Database, projectId: string) {
  return db
    .selectFrom('volumes')
    .where('project_id', '=', projectId)
    .where('status', '<>', 'deleted')
    .groupBy('volume_type_id')
    .select(['volume_type_id as typeId', rowCount, sql<number>`sum(${reservedSizeGib})`.as('gigabytes')])
    .execute();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
