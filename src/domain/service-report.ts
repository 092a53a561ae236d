/** A process that works for us, in the words of `cinder service-list` (H-82). */
export interface Service {
  /** Control workers schedule; a data worker makes volumes, on one line for each of its backends, and reads backups. */
  readonly binary: 'cinder-scheduler' | 'cinder-volume' | 'cinder-backup';
  /** The machine's name, of cinder-volume `host@backend`. */
  readonly host: string;
  readonly availabilityZone: string;
  /** When it last said that it works. */
  readonly reportedAt: Date;
  /** An administrator has it take no new volumes; what it does already goes on. */
  readonly isDisabled: boolean;
  /** As he says; of one that is enabled, null. */
  readonly disabledReason: string | null;
}

/** Whether what was reported then still counts: older than this, nobody is there any more. */
export function isFresh({ reportedAt }: { readonly reportedAt: Date }, now: Date, maxAgeMs: number): boolean {
  return now.getTime() - reportedAt.getTime() <= maxAgeMs;
}

export type ServiceReport = Omit<Service, 'reportedAt' | 'isDisabled' | 'disabledReason'>;

/** Who has not reported for so long is gone for ever, and listed no more. One that is disabled stays: the switch outlives its process. */
export const FORGOTTEN_AFTER_DAYS = 7;
