import type { ControlHouse } from './house';

export interface Completion {
  readonly volumeId: string;
  /** Under which epoch which backup was written; null for an empty volume. */
  readonly written: { readonly epoch: number; readonly backupId: string } | null;
}

/** The point of no return: volume `available` and, with its last reader, backup `available`, in one transaction. */
export function completeVolume(house: ControlHouse) {
  return async ({ volumeId, written }: Completion): Promise<void> => {
    // S-60: the only trace of the source that Cinder's clients see.
    const metadata: Record<string, string> = written ? { src_backup_id: written.backupId } : {};
    await house.catalog.completeVolume({ volumeId, epoch: written?.epoch ?? null, metadata });
  };
}
