/** Limits of one project; -1 means unlimited (H-85). Gigabytes are GiB, as everywhere in Cinder. */
export interface QuotaLimits {
  readonly volumes: number;
  readonly gigabytes: number;
  readonly backups: number;
  readonly backupGigabytes: number;
  readonly perVolumeGigabytes: number;
}

/** What a project uses at this moment: every volume that isn't deleted counts, also in `error`. */
export interface QuotaUsage {
  readonly volumes: number;
  readonly gigabytes: number;
  readonly backups: number;
  readonly backupGigabytes: number;
}

export const UNLIMITED = -1;

/** Cinder's defaults (H-85). */
export const DEFAULT_QUOTA: QuotaLimits = {
  volumes: 10,
  gigabytes: 1000,
  backups: 10,
  backupGigabytes: 1000,
  perVolumeGigabytes: UNLIMITED,
};

/** Whether `more` on top of `used` stays within `limit`. */
export function fits(limit: number, used: number, more: number): boolean {
  return limit === UNLIMITED || used + more <= limit;
}
