import type { Attachment } from './attachment';

/** Statuses a volume can have here. Cinder has more; these are the ones that a volume is moved or set to. */
export type VolumeStatus =
  | 'creating'
  | 'available'
  | 'attaching'
  | 'in-use'
  | 'detaching'
  | 'maintenance'
  | 'restoring-backup'
  | 'error_restoring'
  | 'extending'
  | 'error_extending'
  | 'error'
  | 'deleting'
  | 'error_deleting'
  | 'deleted';

export interface LastRestore {
  readonly backupId: string;
  /** Id of the request that asked for it: user messages about it are filed under it. */
  readonly requestId: string;
}

export interface LastExtension {
  /** What the volume was to become. It counts as its size, for quota and for its pool, while the volume is `extending`. */
  readonly newSizeGib: number;
  /** Id of the request that asked for it: user messages about it are filed under it. */
  readonly requestId: string;
}

/** A volume as the catalog records it. Times are UTC, sizes carry their unit. */
export interface Volume {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly status: VolumeStatus;
  readonly sizeGib: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly volumeTypeId: string;
  readonly volumeTypeName: string;
  readonly availabilityZone: string;
  /** `host@backend#pool` once scheduled; holding it is what reserves the pool's capacity. */
  readonly host: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly bootable: boolean;
  /** Whether it may be attached for reading only; null if nobody has said so or the contrary. */
  readonly readOnly: boolean | null;
  readonly attachment: Attachment | null;
  /** Whether it has been available: its data was verified, or there was none. */
  readonly isProven: boolean;
  /** Of the image that the data once came from, as Nova needs it (H-45). */
  readonly imageMetadata: Readonly<Record<string, string>>;
  /** The backup this volume was created from, if any. */
  readonly backupId: string | null;
  /** The last restore into the volume as it was there already, whatever came of it. */
  readonly restore: LastRestore | null;
  /** The last extension, whatever came of it. */
  readonly extension: LastExtension | null;
  /** Id of the request that created the volume: user messages are filed under it (H-102). */
  readonly requestId: string;
  /** Grows with each attempt to write the volume; a writer with an older epoch is refused. */
  readonly epoch: number;
  /** How many runs of its workflow were accepted: with the second, its creation is retried. */
  readonly runs: number;
  /** Whether everything is read back from the disk and compared before it is `available`. */
  readonly readBack: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

export const GIB = 1024 ** 3;
