/**
 * Certain refusals. Whoever throws one is sure that repeating the same call can't help; anything else that is thrown means
 * "unknown", and Temporal repeats the call. The code is the closed set that the API maps to a status and that the
 * workflow lists as non-retryable; the message is one sentence for the caller, in Cinder's words where Cinder has some.
 */
export const REFUSALS = [
  'InvalidInput',
  'InvalidBackup',
  'InvalidVolume',
  'VolumeNotFound',
  'BackupNotFound',
  'VolumeTypeNotFound',
  'VolumeLimitExceeded',
  'VolumeSizeExceedsLimit',
  'VolumeSizeExceedsAvailableQuota',
  'BackupLimitExceeded',
  'VolumeBackupSizeExceedsAvailableQuota',
  'RequestExpired',
  'Conflict',
  'NoValidBackend',
  'PoolRefused',
  'BackupDamaged',
  'BackupUnreadable',
  'Fenced',
  'NoProgress',
  'AlreadyComplete',
] as const;

export type RefusalCode = (typeof REFUSALS)[number];

export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function isRefusalCode(code: unknown): code is RefusalCode {
  return REFUSALS.some((known) => known === code);
}
