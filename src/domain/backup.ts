/** Cinder's backup statuses (H-66). This product moves a backup only between `available` and `restoring`. */
export type BackupStatus = 'creating' | 'available' | 'deleting' | 'deleted' | 'error' | 'error_deleting' | 'restoring';

/** One link of a backup chain as the catalog records it: a row of Cinder's `backups` table (F-40 to F-52). */
export interface Backup {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly status: BackupStatus;
  readonly sizeGib: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly failReason: string | null;
  /** The volume that was backed up (it need not exist any more). */
  readonly volumeId: string;
  readonly snapshotId: string | null;
  /** The older link that this incremental builds on; null for a full backup. */
  readonly parentId: string | null;
  /** Path of the Cinder driver class that wrote it, for example `cinder.backup.drivers.posix.PosixBackupDriver`. */
  readonly service: string;
  /** Directory, bucket or pool of the objects. */
  readonly container: string | null;
  /** Prefix of the object names in the chunked format. Used verbatim, never parsed (F-19). */
  readonly serviceMetadata: string | null;
  readonly objectCount: number;
  readonly availabilityZone: string | null;
  readonly host: string | null;
  readonly encryptionKeyId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataTimestamp: Date | null;
  /** How many live backups name this one as their parent. Derived by the catalog, never stored. */
  readonly dependentBackups: number;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** What the image needs to know of one link: where its objects are, and nothing of its status. */
export type BackupLink = Pick<
  Backup,
  'id' | 'parentId' | 'volumeId' | 'sizeGib' | 'service' | 'container' | 'serviceMetadata' | 'objectCount'
>;
