import type { CampaignBackup } from './backups';

/** A volume as its user knows it. */
export interface Entry {
  readonly key: string;
  /** Null until the create was accepted; then it must never be lost. */
  volumeId: string | null;
  /** What it may hold: one backup, or, while it isn't known whether a restore was accepted, either. */
  mayHold: readonly CampaignBackup[];
  /** Everything that was ever restored into it, which may shine through behind the end of a smaller backup (H-72). */
  restores: number;
  /** As the service has shown it last. */
  sizeGib: number;
  wish: 'kept' | 'deleted';
  /** Why it could not be asked for any further. */
  complaint: string | null;
}

/** What all users were promised. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly refusals = new Map<string, number>();
  deletions = 0;
  retries = 0;
  restores = 0;
  extensions = 0;
  /** Hashed while the campaign went on, before they were deleted. */
  hashed = 0;
  readonly wrong: string[] = [];

  open(key: string, backup: CampaignBackup): Entry {
    const entry: Entry = {
      key,
      volumeId: null,
      mayHold: [backup],
      restores: 0,
      sizeGib: 1,
      wish: 'kept',
      complaint: null,
    };
    this.entries.push(entry);
    return entry;
  }

  refused(why: string): void {
    const words = why.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…');
    this.refusals.set(words, (this.refusals.get(words) ?? 0) + 1);
  }

  accepted(): readonly (Entry & { readonly volumeId: string })[] {
    return this.entries.filter((entry): entry is Entry & { volumeId: string } => entry.volumeId !== null);
  }
}
