/** A request to create a volume, as the API hands it to the workflow: shape-checked, not yet judged. Plain data. */
export interface CreateVolumeRequest {
  readonly volumeId: string;
  readonly projectId: string;
  readonly userId: string;
  readonly requestId: string;
  /** GiB; null means the backup's size (H-38). */
  readonly sizeGib: number | null;
  readonly name: string | null;
  readonly description: string | null;
  /** Name or id of a volume type; null means the default type (S-9). */
  readonly volumeType: string | null;
  /** null means the default zone (S-7). */
  readonly availabilityZone: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** null creates an empty volume. */
  readonly backupId: string | null;
  /** Whether everything is read back from the disk and compared before the volume is `available`. */
  readonly readBack: boolean;
  /**
   * ISO time on the database's clock. A request that wasn't accepted by then never comes to life, so that a caller who was
   * answered 503 can repeat it safely. Binding only while no row exists.
   */
  readonly expiresAt: string;
  /** Whether nobody asked for it now: its run was lost. Then what has been completed meanwhile is not written over. */
  readonly isResumed?: boolean;
}

export type CreateVolumeFromBackupRequest = CreateVolumeRequest & { readonly backupId: string };

/** A request to delete a backup and what it has in its repository. */
export interface DeleteBackupRequest {
  readonly backupId: string;
  readonly projectId: string;
  readonly requestId: string;
  /** Whatever its status, as long as no volume reads it. */
  readonly force: boolean;
}

/** A request to delete a volume. */
export interface DeleteVolumeRequest {
  /** Whatever its status (H-61). Left out: only where its status allows it. */
  readonly force?: boolean;
  readonly volumeId: string;
  readonly projectId: string;
  readonly requestId: string;
}
