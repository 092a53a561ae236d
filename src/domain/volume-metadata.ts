import { Refusal } from './errors';
import { RESTORE_DESCRIPTION, RESTORE_NAME_PREFIX } from './restored-volume';
import type { Volume } from './volume';

/** What a backup says of the volume that was backed up, besides its bytes: Cinder's `volume_meta` (S-61). */
export interface VolumeMeta {
  readonly name: string | null;
  readonly description: string | null;
  /** null: it doesn't say. */
  readonly bootable: boolean | null;
  /** Not null: the bytes are encrypted, and this is the original volume's key (F-20). */
  readonly encryptionKeyId: string | null;
  /** An id of the cloud that was backed up; here it need not mean anything. */
  readonly volumeTypeId: string | null;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly imageMetadata: Readonly<Record<string, string>>;
}

/** What the user asked for, as the volume's row holds it while the volume is created. */
export type GivenMetadata = Pick<Volume, 'name' | 'description' | 'metadata'>;

export type MergedMetadata = GivenMetadata & Pick<Volume, 'bootable' | 'imageMetadata'>;

export interface BackupSource {
  readonly backupId: string;
  /** The leaf's; null if the backup says nothing of its volume. */
  readonly volumeMeta: VolumeMeta | null;
}

/**
 * What a volume made from a backup is called and carries. What the user gave wins, the backup fills the rest:
 *
 * |                | here                                                  | Cinder                                              |
 * | -------------- | ----------------------------------------------------- | --------------------------------------------------- |
 * | name           | the user's, unless empty; else the backup's           | the same (S-62)                                     |
 * | description    | the user's, unless empty; else the backup's           | the backup's, unless the user gave a name (S-62)    |
 * | metadata       | key by key: the user's, `src_backup_id`, the backup's | the backup's instead of the user's (S-62, W-15)     |
 * | src_backup_id  | always                                                | always, for a new volume (S-60)                     |
 * | image metadata | the backup's                                          | the same (S-62)                                     |
 * | bootable       | as the backup says; else if there is image metadata   | if there is image metadata (S-62)                   |
 * | whose metadata | the requested backup's                                | of every link, so that older values stay (S-63)     |
 *
 * Not restored, as in Cinder (S-66): type, zone, size, and whatever else `volume_meta` holds. Pure.
 */
export function mergeMetadata(given: GivenMetadata, { backupId, volumeMeta }: BackupSource): MergedMetadata {
  return {
    name: filled(given.name, volumeMeta?.name),
    description: filled(given.description, volumeMeta?.description),
    metadata: { ...volumeMeta?.userMetadata, src_backup_id: backupId, ...given.metadata },
    ...ofTheData(volumeMeta ?? NOTHING_SAID),
  };
}

/**
 * The same for a volume that was there before the restore. What describes the data follows the data; what the user says of his
 * volume stays, except that `src_backup_id` names what it holds now, and that the backup adds what the volume lacks. Cinder
 * replaces all metadata, if the backup has any (S-62). A backup that says nothing of its volume changes nothing else.
 */
export function mergeRestored(volume: MergedMetadata, source: BackupSource): MergedMetadata {
  const { backupId, volumeMeta } = source;
  const merged = { ...mergeMetadata(volume, source), metadata: { ...volumeMeta?.userMetadata, ...volume.metadata } };
  merged.metadata = { ...merged.metadata, src_backup_id: backupId };
  return volumeMeta ? merged : { ...merged, imageMetadata: volume.imageMetadata, bootable: volume.bootable };
}

const NOTHING_SAID = { bootable: null, imageMetadata: {} };

/** What counts is what the bytes are. */
function ofTheData({ bootable, imageMetadata }: Pick<VolumeMeta, 'bootable' | 'imageMetadata'>) {
  return { imageMetadata, bootable: bootable ?? Object.keys(imageMetadata).length > 0 };
}

/**
 * Dashboards send an empty text for a field that was left empty: it isn't an answer, for Cinder neither. Nor is what a restore
 * calls a volume that was given no name (S-62).
 */
function filled(given: string | null, fallback: string | null | undefined): string | null {
  const isGiven = given && !given.startsWith(RESTORE_NAME_PREFIX) && given !== RESTORE_DESCRIPTION;
  return isGiven ? given : (fallback ?? given);
}

/**
 * W-14: a plain volume with the encrypted bytes of another would be of no use to anybody, so it is refused before it is made.
 * @throws Refusal('InvalidBackup') if there is a key
 */
export function requireUnencrypted(backupId: string, encryptionKeyId: string | null): void {
  if (encryptionKeyId === null) return;
  throw new Refusal(
    'InvalidBackup',
    `Invalid backup: Backup ${backupId} is of an encrypted volume (key ${encryptionKeyId}), and there are no encrypted ` +
      "volume types here: a volume with its data could not be read. Restore it with Cinder, to a volume of its source's type.",
  );
}
