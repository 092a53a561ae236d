import { sql } from 'kysely';
import type { QuotaLimits, QuotaUsage } from '../domain/quota';
import type { Database } from './database';

/**
 * Makes everybody wait who takes quota of the same project, until the transaction ends: what was counted stays true until
 * the new row is written.
 */
export async function lockQuota(db: Database, projectId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`quota of ${projectId}`}, 0))`.execute(db);
}

/** The defaults, overridden by what the project has of its own. */
export async function quotaLimits(db: Database, projectId: string, defaults: QuotaLimits): Promise<QuotaLimits> {
  const row = await db.selectFrom('quotas').selectAll().where('project_id', '=', projectId).executeTakeFirst();
  return {
    volumes: row?.volumes ?? defaults.volumes,
    gigabytes: row?.gigabytes ?? defaults.gigabytes,
    backups: row?.backups ?? defaults.backups,
    backupGigabytes: row?.backup_gigabytes ?? defaults.backupGigabytes,
    perVolumeGigabytes: row?.per_volume_gigabytes ?? defaults.perVolumeGigabytes,
  };
}

export async function setQuota(db: Database, projectId: string, limits: Partial<QuotaLimits>): Promise<void> {
  const own = {
    volumes: limits.volumes,
    gigabytes: limits.gigabytes,
    backups: limits.backups,
    backup_gigabytes: limits.backupGigabytes,
    per_volume_gigabytes: limits.perVolumeGigabytes,
  };
  await db
    .insertInto('quotas')
    .values({ project_id: projectId, ...own })
    .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ project_id: projectId, ...own }))
    .execute();
}

export async function resetQuota(db: Database, projectId: string): Promise<void> {
  await db.deleteFrom('quotas').where('project_id', '=', projectId).execute();
}

/** Counted from the rows that use it, so that it can't drift. */
export async function quotaUsage(db: Database, projectId: string): Promise<QuotaUsage> {
  const volumes = await useOf(db, 'volumes', projectId);
  const backups = await useOf(db, 'backups', projectId);
  return {
    volumes: volumes.count,
    gigabytes: volumes.gigabytes,
    backups: backups.count,
    backupGigabytes: backups.gigabytes,
  };
}

async function useOf(db: Database, table: 'volumes' | 'backups', projectId: string) {
  return db
    .selectFrom(table)
    .where('project_id', '=', projectId)
    .where('status', '<>', 'deleted')
    .select([sql<number>`count(*)`.as('count'), sql<number>`coalesce(sum(size_gib), 0)`.as('gigabytes')])
    .executeTakeFirstOrThrow();
}
