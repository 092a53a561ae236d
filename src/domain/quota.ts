/** Limits of one project; -1 means unlimited (H-85). Gigabytes are GiB, as everywhere in Cinder. */
export interface QuotaLimits {
  readonly volumes: number;
  readonly gigabytes: number;
  readonly backups: number;
  readonly backupGigabytes: number;
  readonly perVolumeGigabytes: number;
  /** Of what this service has none of; an administrator's word is kept all the same. */
  readonly snapshots: number;
  readonly groups: number;
  /** Limits of volumes of one type, by `typeQuotaKey`; what isn't here is unlimited. */
  readonly ofTypes: Readonly<Record<string, number>>;
}

/** What a project uses at this moment: every volume that isn't deleted counts, also in `error`. */
export interface QuotaUsage {
  readonly volumes: number;
  readonly gigabytes: number;
  readonly backups: number;
  readonly backupGigabytes: number;
  /** By `typeQuotaKey`; what isn't here is 0. */
  readonly ofTypes: Readonly<Record<string, number>>;
}

export const UNLIMITED = -1;

/** Cinder's defaults (H-85). */
export const DEFAULT_QUOTA: QuotaLimits = {
  volumes: 10,
  gigabytes: 1000,
  backups: 10,
  backupGigabytes: 1000,
  perVolumeGigabytes: UNLIMITED,
  snapshots: 10,
  groups: 10,
  ofTypes: {},
};

export const TYPE_QUOTAS = ['volumes', 'gigabytes', 'snapshots'] as const;
export type TypeQuota = (typeof TYPE_QUOTAS)[number];

/** By the type's id, so that a type that is renamed keeps its limits. */
export function typeQuotaKey(resource: TypeQuota, typeId: string): string {
  return `${resource}:${typeId}`;
}

/** What Cinder calls it, in answers and in refusals (H-85). */
export function typeQuotaName(resource: TypeQuota, typeName: string): string {
  return `${resource}_${typeName}`;
}

export function typeLimit(limits: QuotaLimits, resource: TypeQuota, typeId: string): number {
  return limits.ofTypes[typeQuotaKey(resource, typeId)] ?? UNLIMITED;
}

export function typeUsage(usage: QuotaUsage, resource: TypeQuota, typeId: string): number {
  return usage.ofTypes[typeQuotaKey(resource, typeId)] ?? 0;
}

/** Whether `more` on top of `used` stays within `limit`. */
export function fits(limit: number, used: number, more: number): boolean {
  return limit === UNLIMITED || used + more <= limit;
}
