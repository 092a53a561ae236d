import { TYPE_QUOTAS, typeLimit, typeQuotaName, typeUsage } from '../../domain/quota';
import type { QuotaLimits, QuotaUsage } from '../../domain/quota';
import type { VolumeType } from '../../domain/volume-type';

/** One quota, in Cinder's name for it. */
export interface NamedQuota {
  readonly name: string;
  readonly limit: number;
  readonly used: number;
}

/** All quotas, those of types last but for groups (H-85). */
export function namedQuotas(
  limits: QuotaLimits,
  usage: QuotaUsage,
  types: readonly VolumeType[],
): readonly NamedQuota[] {
  return [
    { name: 'volumes', limit: limits.volumes, used: usage.volumes },
    { name: 'per_volume_gigabytes', limit: limits.perVolumeGigabytes, used: 0 },
    { name: 'snapshots', limit: limits.snapshots, used: 0 },
    { name: 'gigabytes', limit: limits.gigabytes, used: usage.gigabytes },
    { name: 'backups', limit: limits.backups, used: usage.backups },
    { name: 'backup_gigabytes', limit: limits.backupGigabytes, used: usage.backupGigabytes },
    ...types.flatMap(({ id, name }) =>
      TYPE_QUOTAS.map((resource) => ({
        name: typeQuotaName(resource, name),
        limit: typeLimit(limits, resource, id),
        used: typeUsage(usage, resource, id),
      })),
    ),
    { name: 'groups', limit: limits.groups, used: 0 },
  ];
}

export function limitsView(quotas: readonly NamedQuota[]): object {
  return Object.fromEntries(quotas.map(({ name, limit }) => [name, limit]));
}

/** Nothing is ever reserved: what is counted is there. */
export function usageView(quotas: readonly NamedQuota[]): object {
  return Object.fromEntries(quotas.map(({ name, limit, used }) => [name, { limit, in_use: used, reserved: 0 }]));
}

/** H-84. tempest allows these keys and no others. */
export function absoluteLimitsView(limits: QuotaLimits, usage: QuotaUsage): object {
  return {
    maxTotalVolumes: limits.volumes,
    maxTotalSnapshots: limits.snapshots,
    maxTotalVolumeGigabytes: limits.gigabytes,
    maxTotalBackups: limits.backups,
    maxTotalBackupGigabytes: limits.backupGigabytes,
    totalVolumesUsed: usage.volumes,
    totalGigabytesUsed: usage.gigabytes,
    totalSnapshotsUsed: 0,
    totalBackupsUsed: usage.backups,
    totalBackupGigabytesUsed: usage.backupGigabytes,
  };
}
