import type { Wanted } from '../domain/acceptance';
import type { Attachment } from '../domain/attachment';
import type { Backup } from '../domain/backup';
import type { Checkpoint } from '../domain/checkpoint';
import type { CreateVolumeRequest } from '../domain/create-request';
import type { Refusal } from '../domain/errors';
import type { ExtendVolumeRequest } from '../domain/extension';
import type { CreateFailure } from '../domain/failure-reason';
import type { CopyKind, MeasuredCopies, MeasuredCopy } from '../domain/measured-copy';
import type { Orphan, PoolContent } from '../domain/orphan';
import type { PlacementFacts } from '../domain/placement';
import type { Pool, PoolReport } from '../domain/pool';
import type { RestoreVolumeRequest } from '../domain/restore';
import type { MigrationPolicy } from '../domain/retype';
import type { QuotaLimits, QuotaUsage } from '../domain/quota';
import type { Service, ServiceReport } from '../domain/service-report';
import type { CinderStatus } from '../domain/status-reset';
import type { FailureReason, UserMessage } from '../domain/user-message';
import type { Volume } from '../domain/volume';
import type { VolumeMeta } from '../domain/volume-metadata';
import type { VolumeType } from '../domain/volume-type';

/** Which rows a caller may see: those of one project, or of all (an admin with `all_tenants`). */
export type Visibility = { readonly projectId: string } | 'all-projects';

/** One page of a list. Rows of status `deleted` are never listed. */
export interface Page<Filter> {
  readonly visibility: Visibility;
  readonly filter: Filter;
  /** `[column, direction]`, most significant first; `id` is appended to break ties. Default: `created_at` descending. */
  readonly sort: readonly (readonly [SortColumn, 'asc' | 'desc'])[];
  /** Rows to skip after the marker. */
  readonly offset: number;
  readonly limit: number;
  /** Id of the last row of the previous page. @throws Refusal('VolumeNotFound' | 'BackupNotFound') when unknown. */
  readonly marker: string | null;
  /** Whether the total is wanted, for which all that match are read. Default: it is. */
  readonly isCounted?: boolean;
}

/** `bootable` is for volumes only. */
export type SortColumn =
  'created_at' | 'updated_at' | 'id' | 'name' | 'status' | 'size' | 'availability_zone' | 'bootable';

/** How a time compares (H-55). */
export interface TimeComparison {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
  readonly at: Date;
}

export interface VolumeFilter {
  readonly id?: string;
  readonly name?: string;
  /** Names that contain this, whatever the case of its letters. */
  readonly nameContains?: string;
  /** All of them hold. */
  readonly createdAt?: readonly TimeComparison[];
  readonly updatedAt?: readonly TimeComparison[];
  readonly status?: string;
  readonly availabilityZone?: string;
  readonly bootable?: boolean;
  readonly sizeGib?: number;
  /** Volumes that have all of these metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly isAttached?: boolean;
  /** The one that is attached so. */
  readonly attachmentId?: string;
  /** Volumes that are attached to this server. */
  readonly serverId?: string;
}

export interface BackupFilter {
  readonly name?: string;
  readonly nameContains?: string;
  readonly status?: string;
  readonly volumeId?: string;
}

export interface MessageFilter {
  readonly requestId?: string;
  readonly resourceId?: string;
  readonly resourceType?: string;
  readonly eventId?: string;
  readonly level?: string;
}

export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** How many rows match, before paging; null where that wasn't wanted. */
  readonly total: number | null;
}

/** All volumes that somebody may see, summed. */
export interface VolumeSummary {
  readonly count: number;
  readonly sizeGib: number;
  /** Each key with all its values. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

export type NewVolumeType = Omit<VolumeType, 'id'>;

/** What is named is changed, the rest stays. */
export interface VolumeTypeEdit {
  readonly name?: string;
  readonly description?: string;
  readonly isPublic?: boolean;
}

/** A caller's key, what he asked for under it, and the volume that it is to make if it is new. */
export interface KeyClaim {
  readonly projectId: string;
  readonly key: string;
  readonly bodyHash: string;
  readonly volumeId: string;
}

/** What a key stands for, whoever claimed it first. */
export interface ClaimedKey {
  readonly bodyHash: string;
  readonly volumeId: string;
  readonly volumeIsDeleted: boolean;
}

export interface DefaultType {
  readonly projectId: string;
  readonly volumeTypeId: string;
}

/** A private type, and a project that may use it. */
export interface TypeAccess {
  readonly volumeTypeId: string;
  readonly projectId: string;
}

/** What an administrator makes of a backend (`host@backend`). */
export interface ServiceSwitch {
  readonly host: string;
  readonly isDisabled: boolean;
  /** Why it is disabled. */
  readonly reason: string | null;
}

/** Volumes of one project, summed. */
export interface ProjectUse {
  readonly projectId: string;
  readonly volumes: number;
  readonly sizeGib: number;
}

/** What the API reads. Nothing here changes a row. Ids may be any text; an unknown one gives null. */
export interface CatalogReader {
  /** The database's clock, which is the one that expiries are compared with. */
  now(): Promise<Date>;
  /** null for a volume that doesn't exist, isn't visible, or is deleted. */
  findVolume(id: string, visibility: Visibility): Promise<Volume | null>;
  listVolumes(page: Page<VolumeFilter>): Promise<Listed<Volume>>;
  summarizeVolumes(visibility: Visibility): Promise<VolumeSummary>;
  findBackup(id: string, visibility: Visibility): Promise<Backup | null>;
  listBackups(page: Page<BackupFilter>): Promise<Listed<Backup>>;
  /** By id or by name; null if there is none. */
  findVolumeType(nameOrId: string): Promise<VolumeType | null>;
  listVolumeTypes(): Promise<readonly VolumeType[]>;
  /** Projects that have a default type of their own (S-9); of one project, or all. */
  listDefaultTypes(projectId?: string): Promise<readonly DefaultType[]>;
  /** Ids of the private types that a project may use. */
  typesOpenTo(projectId: string): Promise<ReadonlySet<string>>;
  /** Projects that may use a private type, by their ids. */
  projectsOfType(volumeTypeId: string): Promise<readonly string[]>;
  listPools(): Promise<readonly Pool[]>;
  /** By binary and host; those too that have not reported for some days. */
  listServices(): Promise<readonly Service[]>;
  /** Data on pools that no volume accounts for, by when it was found. */
  listOrphans(): Promise<readonly Orphan[]>;
  /** What the volumes of each project take on a backend (`host@backend`). */
  useOfBackend(backend: string): Promise<readonly ProjectUse[]>;
  findMessage(id: string, projectId: string): Promise<UserMessage | null>;
  /** Newest first. */
  listMessages(projectId: string, filter: MessageFilter): Promise<readonly UserMessage[]>;
  quotaLimits(projectId: string): Promise<QuotaLimits>;
  quotaUsage(projectId: string): Promise<QuotaUsage>;
  /** Limits of a project that has none of its own. */
  defaultQuota(): Promise<QuotaLimits>;
}

/** What `import_record` writes: a decoded record, with everything the importer overrides already overridden (H-78). */
export type ImportedBackup = Omit<Backup, 'status' | 'failReason' | 'dependentBackups' | 'updatedAt'>;

/** Metadata after it: without all keys, if it replaces, or without one; then with those that it sets. */
export interface MetadataEdit {
  readonly set?: Readonly<Record<string, string>>;
  readonly replace?: boolean;
  readonly remove?: string;
}

/** What is named is changed, the rest stays. */
export interface VolumeEdit {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly metadata?: MetadataEdit;
  readonly imageMetadata?: MetadataEdit;
  readonly bootable?: boolean;
}

/** What is named is changed, the rest stays; metadata as a whole. */
export interface BackupEdit {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

export type NewAttachment = Omit<Attachment, 'id' | 'attachedAt'>;

/** What an administrator says that a volume is. */
export interface VolumeReset {
  readonly status?: CinderStatus;
  /** False forgets the attachment. */
  readonly attached?: boolean;
}

/** Another type for a volume. */
export interface VolumeRetype {
  readonly volumeId: string;
  /** Of the volume. */
  readonly projectId: string;
  /** Its id or name. */
  readonly newType: string;
  readonly policy: MigrationPolicy;
  /** A pool whose report is older is served by nobody. */
  readonly reportMaxAgeMs: number;
}

/** The API's one-row edits. Those that move a status are moves of `domain/moves.ts` that need no workflow, or named for what they are. */
export interface CatalogEdits {
  /**
   * In any status: while a volume is being created, what the user says last counts as given by him. Answers the volume
   * as it is then. @throws Refusal('VolumeNotFound')
   */
  editVolume(volumeId: string, edit: VolumeEdit): Promise<Volume>;
  /** Of an available volume. @throws Refusal('InvalidVolume') */
  setReadOnly(volumeId: string, readOnly: boolean): Promise<void>;
  /**
   * Of a volume that is available or in use, where its pool suits the new type; the quota of both types follows the row.
   * @throws Refusal('VolumeNotFound' | 'VolumeTypeNotFound'), and those of `judgeRetype`; nothing has changed then
   */
  retypeVolume(retype: VolumeRetype): Promise<void>;
  /** `available | attaching → in-use`. Attached there already: success. @throws Refusal('InvalidVolume' | 'InvalidInput') */
  attachVolume(volumeId: string, attachment: NewAttachment): Promise<Volume>;
  /** `→ available`, of this attachment or of whatever there is; not attached: success. @throws Refusal('InvalidVolume') */
  detachVolume(volumeId: string, attachmentId: string | null): Promise<void>;
  /** `available → attaching`. @throws Refusal('InvalidVolume') */
  reserveVolume(volumeId: string): Promise<void>;
  /** `attaching →` what it was. Not reserved: success. */
  unreserveVolume(volumeId: string): Promise<void>;
  /** `in-use → detaching`. @throws Refusal('InvalidVolume') */
  beginDetaching(volumeId: string): Promise<void>;
  /** `detaching → in-use`. Not detaching: success. */
  rollDetaching(volumeId: string): Promise<void>;
  /**
   * An administrator's os-reset_status (`domain/status-reset.ts`).
   * @throws Refusal('InvalidVolume' | 'InvalidInput') where a workflow is at work, or the data was never verified
   */
  resetVolume(volumeId: string, reset: VolumeReset): Promise<void>;
  /**
   * Adds a backup as `available`, taking backup quota, beyond its limits where an operator says so; a deleted row of this id is revived.
   * @throws Refusal('InvalidBackup') "Backup already exists in database."; Refusal('BackupLimitExceeded' |
   * 'VolumeBackupSizeExceedsAvailableQuota')
   */
  importBackup(backup: ImportedBackup, options?: { readonly beyondQuota: boolean }): Promise<Backup>;
  /** @throws Refusal('BackupNotFound') */
  editBackup(backupId: string, edit: BackupEdit): Promise<Backup>;
  /**
   * The record, not what lies in the repository: `available | error → deleted`, by force from any status, which gives its quota back.
   * @throws Refusal('BackupNotFound'), Refusal('InvalidBackup') in any other status, while a live backup builds on it, or
   * while a volume reads it
   */
  deleteBackup(backupId: string, force?: boolean): Promise<void>;
  /** An administrator's os-reset_status. @throws Refusal('InvalidBackup') while a volume reads it */
  resetBackup(backupId: string, status: 'available' | 'error'): Promise<void>;
  /** Whatever orphan there is of this volume is removed soon. False if there is none. */
  removeOrphan(volumeId: string): Promise<boolean>;
  /** Idempotent. False if there was none. */
  deleteMessage(id: string, projectId: string): Promise<boolean>;
  /** @throws Refusal('Conflict') if there is one of this name */
  createVolumeType(type: NewVolumeType): Promise<VolumeType>;
  /** @throws Refusal('VolumeTypeNotFound'), Refusal('Conflict') if there is another of this name */
  editVolumeType(id: string, edit: VolumeTypeEdit): Promise<VolumeType>;
  /** Of a type that no volume has. @throws Refusal('VolumeTypeNotFound'), Refusal('InvalidInput') */
  editExtraSpecs(id: string, edit: MetadataEdit): Promise<VolumeType>;
  /** Of a type that no volume has, and no project as its default. @throws Refusal('VolumeTypeNotFound'), Refusal('InvalidInput') */
  deleteVolumeType(id: string): Promise<void>;
  /** Lets a project use a private type. @throws Refusal('VolumeTypeNotFound'), Refusal('InvalidInput') of a public one, Refusal('Conflict') if it may already */
  openType(access: TypeAccess): Promise<void>;
  /** The opposite. @throws Refusal('VolumeTypeNotFound') also if it may not, Refusal('InvalidInput') of a public one */
  closeType(access: TypeAccess): Promise<void>;
  setDefaultType(projectId: string, volumeTypeId: string): Promise<void>;
  /** Idempotent. */
  unsetDefaultType(projectId: string): Promise<void>;
  /** The first claim of a key in a project counts, for at least a day; later ones are answered by it. */
  claimIdempotencyKey(claim: KeyClaim): Promise<ClaimedKey>;
  /** The key that stands for this volume is free again, unless the volume was made. Idempotent. */
  releaseIdempotencyKey(volumeId: string): Promise<void>;
  /** Whether a backend takes new volumes; what it does already goes on. False if there is none of this name. Idempotent. */
  switchBackend(change: ServiceSwitch): Promise<boolean>;
  /** Limits of this project that differ from the defaults: named ones replace what stood there, others stay (H-85). */
  setQuota(projectId: string, limits: Partial<QuotaLimits>): Promise<QuotaLimits>;
  /** Back to the defaults. Idempotent. */
  resetQuota(projectId: string): Promise<void>;
  /** Limits of all projects that have none of their own, instead of the configuration's. */
  setDefaultQuota(limits: Partial<QuotaLimits>): Promise<QuotaLimits>;
}

/** What acceptance needs to know besides rows: values of the configuration. */
export interface AcceptanceDefaults {
  readonly volumeType: string;
  readonly availabilityZone: string;
}

export interface PlacementOptions {
  readonly volumeId: string;
  /** Judges fresh pools, whose rows are locked meanwhile; answers the chosen pool's name. May throw a Refusal. */
  readonly choose: (facts: PlacementFacts) => string;
}

export interface LeavingVolume {
  readonly volumeId: string;
  /** Of the workflow that says so. */
  readonly runId: string;
  /** How long what is on the pool is kept for a retry; 0: it must go now. */
  readonly keepMs: number;
}

/** A volume's data, by whom it was written, and from what. */
export interface WrittenData {
  readonly epoch: number;
  readonly backupId: string;
  /** What it took, where later copies can be estimated by it. */
  readonly measured?: MeasuredCopy | undefined;
}

/** A request to create a volume as it would be judged at this moment. */
export interface JudgedVolume {
  readonly wanted: Wanted;
  /** Why it would be refused; null: it would be accepted. */
  readonly refusal: Refusal | null;
  /** How many volumes read the backup. */
  readonly backupReaders: number;
  /** Whether that is why it can't be had. */
  readonly backupIsLocked: boolean;
  /** null: there is no backup, or its chain is broken. */
  readonly chainLength: number | null;
  /** What a pool would be chosen by. */
  readonly placement: PlacementFacts;
}

export interface CompletedVolume {
  readonly volumeId: string;
  /** Under which epoch the data of which backup was written and verified; null for an empty volume, which nobody wrote. */
  readonly written: WrittenData | null;
}

export interface FailedVolume {
  readonly volumeId: string;
  /** Of the workflow that says so, or on whose behalf. */
  readonly runId: string;
  readonly reason: FailureReason;
}

/** So many rows whose ids come after this one (text order); from the first on where it is empty. */
export interface IdPage {
  readonly after: string;
  readonly limit: number;
}

/** A volume in a status that only a workflow ends. */
export interface UnsettledVolume {
  readonly volume: Volume;
  /** Of the workflow that was accepted last. */
  readonly runId: string;
}

export interface WithdrawnVolume {
  readonly volumeId: string;
  readonly expiresAt: string;
  readonly runId: string;
}

export interface FailedRestore {
  readonly volumeId: string;
  readonly failure: CreateFailure;
  /** Of the workflow that says so. */
  readonly runId: string;
}

export interface FailedExtension {
  readonly volumeId: string;
  readonly failure: CreateFailure;
  /** Of the workflow that says so. */
  readonly runId: string;
}

export interface CompletedExtension {
  readonly volumeId: string;
  readonly newSizeGib: number;
  /** Of the workflow that says so. */
  readonly runId: string;
}

export interface ReadBackup {
  readonly backupId: string;
  readonly volumeId: string;
  readonly runId: string;
}

/** An attempt to write a volume that is about to begin. */
export interface NewAttempt {
  /** Pauses between attempts that are longer count as so long. */
  readonly maxGapMs: number;
  /** So much of an attempt counts of which nothing is left. */
  readonly mostUnsavedMs?: number;
  /** When Temporal scheduled it, by its clock; null, or left out: it follows whatever there was. */
  readonly scheduledMs?: number | null;
}

/** An attempt to write a volume, and what it has to know of those before it. */
export interface CopyAttempt {
  readonly epoch: number;
  /** A volume that was completed under a newer epoch, by another run, is not to be written over. */
  readonly begunEpoch: number;
  /** How far the last one came, or null. */
  readonly checkpoint: Checkpoint | null;
  /** What it may move; null: no limit. */
  readonly bytesPerSecond: number | null;
  /** Time without progress over all attempts so far; pauses longer than `maxGapMs` count as `maxGapMs`. */
  readonly stalledMs: number;
  /** Time that attempts took since the last checkpoint: they moved bytes of which nothing is left. */
  readonly unsavedMs: number;
}

/** A volume, and a pool that it lies on, or did. */
export interface PlacedVolume {
  readonly volumeId: string;
  readonly poolName: string;
}

export type WriterOnPool = PlacedVolume & { readonly epoch: number };

/** A removal that may be carried out now. */
export interface DueRemoval {
  readonly epoch: number;
  /** What tells this debt from one that the volume runs up there later. */
  readonly debtId: string;
}

/** A pool's data that must go: now, or when the time is over that it is kept for a retry. */
export interface OwedRemoval {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly poolName: string;
}

/**
 * The record of everything, and the only lock there is: each method is one transaction, each status change one
 * compare-and-set of `domain/moves.ts`. All methods are idempotent: called again by the same owner (the same volume id),
 * they answer the same, so that a lost answer may be repeated. `Refusal` is certain; any other error is "unknown".
 */
export interface Catalog extends CatalogReader, CatalogEdits {
  /**
   * Judges the request on fresh rows (`domain/acceptance.ts`) and writes the volume as `creating`; writing it takes the
   * quota. An existing row of this id, whatever its status but `deleted`, is the answer to a run that was accepted before. To a new
   * run it is the volume to go on with (`domain/retry.ts`): `error → creating`, or `creating` still if its run was terminated.
   * @param runId of the workflow
   * @throws Refusal('RequestExpired') when the database's clock is past `expiresAt` and no row exists; the rules' refusals
   */
  acceptVolume(request: CreateVolumeRequest, defaults: AcceptanceDefaults, runId: string): Promise<Volume>;
  /**
   * Judges the request as `acceptVolume` and `placeVolume` would, on the same rows by the same rules. Changes nothing, locks nothing.
   * @throws Refusal for a type or a backup that there isn't: nothing can be said of such a request
   */
  judgeVolume(request: CreateVolumeRequest, defaults: AcceptanceDefaults): Promise<JudgedVolume>;
  /** What the newest copies of this kind took, together. */
  measuredCopies(kind: CopyKind): Promise<MeasuredCopies>;
  /**
   * Takes back an acceptance that nobody was told of: the row is gone, and with it its quota; its backups are free. True
   * also where nothing is left to take back. False, and the row stays `creating`, when it has a host, was retried, or when the
   * database's clock is past `expiresAt`: whoever looked for the row may have seen it by then, and what was accepted may
   * not be denied.
   */
  withdrawVolume(withdrawn: WithdrawnVolume): Promise<boolean>;
  /**
   * `available → restoring`, with this volume as its reader. Already its reader: success.
   * @throws Refusal('InvalidBackup') in Cinder's words (S-5), Refusal('BackupNotFound'), Refusal('Conflict') if the volume
   * isn't `creating`: a call that arrives after its run has ended must not lock for nobody
   */
  lockBackup(backupId: string, volumeId: string): Promise<void>;
  /** This volume reads the backup no longer; with the last reader `restoring → available`. Not its reader, or the call of an earlier run: success. */
  releaseBackup(read: ReadBackup): Promise<void>;
  /**
   * Judges the request on fresh rows (`domain/restore.ts`): volume `available | error_restoring → restoring-backup`, backup
   * `available → restoring` with this volume as its reader, in one transaction. A run that was accepted before: success. A new
   * one also goes on with a volume whose run was terminated. How far the last restore came counts if it was of this backup.
   * @param runId of the workflow
   * @throws Refusal('RequestExpired'); the rules' refusals
   */
  acceptRestore(request: RestoreVolumeRequest, runId: string): Promise<Volume>;
  /**
   * Takes back an acceptance that nobody was told of: the backup is free, the volume as it was. Where the volume's data wasn't whole
   * before, it fails instead. Not this run's: nothing happens.
   */
  withdrawRestore(failed: FailedRestore): Promise<void>;
  /**
   * `restoring-backup → error_restoring` with a user message, and a new epoch so that no writer goes on; the backup is free. The
   * data stays as it is. Not this run's, or a volume being deleted: nothing happens.
   */
  failRestore(failed: FailedRestore): Promise<void>;
  /**
   * Judges the request on fresh rows (`domain/extension.ts`): volume `available → extending`, which takes the quota and the pool's room
   * of its new size, and a new epoch, in one transaction. A run that was accepted before: success. A new one also goes on with a volume
   * whose run was terminated.
   * @throws Refusal('RequestExpired'); the rules' refusals
   */
  acceptExtension(
    request: ExtendVolumeRequest,
    run: { readonly runId: string; readonly reportMaxAgeMs: number },
  ): Promise<Volume>;
  /** Takes back an acceptance that nobody was told of: the volume is as it was. Not this run's: nothing happens. */
  withdrawExtension(failed: FailedExtension): Promise<void>;
  /**
   * `extending → error_extending` with a user message; the size stays, and what was taken for more is free. Not this run's, or a volume
   * being deleted: nothing happens.
   */
  failExtension(failed: FailedExtension): Promise<void>;
  /** `extending → available`, with the new size. Already so: success. @throws Refusal('Conflict') if this run doesn't extend it any more */
  completeExtension(completed: CompletedExtension): Promise<void>;
  /** The backup and its ancestors, leaf first. @throws Refusal('BackupDamaged') for a missing parent or a loop. */
  backupChain(backupId: string): Promise<readonly Backup[]>;
  /**
   * Chooses a pool and reserves its capacity by writing the volume's host. A volume that has a host keeps it. Data that is kept on
   * the chosen pool is the volume's again; what other pools have of it must go now.
   * @throws Refusal('Conflict') if the volume isn't `creating`
   */
  placeVolume(options: PlacementOptions): Promise<Volume>;
  /**
   * The volume leaves its pool, if it has one: the reservation becomes a debt, since something of it may be there. What it owed
   * elsewhere is due at the same time at the latest. A call that an earlier run left behind changes nothing, nor does one for a volume
   * that was available once, unless it is being deleted.
   */
  unplaceVolume(leaving: LeavingVolume): Promise<void>;
  /**
   * Begins an attempt to make the volume on the pool that it was placed on. Answers its epoch: a new one.
   * @throws Refusal('Conflict') if it isn't `creating` there
   */
  beginMaking(place: PlacedVolume): Promise<number>;
  /**
   * That this epoch still is the one that may touch the volume on this pool: the last question before something is done.
   * @throws Refusal('Fenced')
   */
  requireWriter(writer: WriterOnPool): Promise<void>;
  /**
   * Begins an attempt to write the volume: a new epoch.
   * @throws Refusal('Conflict') if the volume isn't `creating` or `restoring-backup`; Error if one has begun that was scheduled later
   */
  beginWriting(volumeId: string, attempt: NewAttempt): Promise<CopyAttempt>;
  /**
   * The attempt lives. Answers what it may move from now on.
   * @param stalledMs for how long no byte has moved, earlier attempts included, by a clock that nobody sets
   * @throws Refusal('Fenced')
   */
  noteWriting(volumeId: string, epoch: number, stalledMs: number): Promise<Pick<CopyAttempt, 'bytesPerSecond'>>;
  /** How long ago, by the database's clock, an attempt to write the volume began or showed a sign of life; null: never since its last failure. */
  writerSeenMsAgo(volumeId: string): Promise<number | null>;
  /** Replaces the last one. Completion and deletion forget it, and the removal of the last data of a failed volume. @throws Refusal('Fenced') */
  saveCheckpoint(volumeId: string, epoch: number, checkpoint: Checkpoint): Promise<void>;
  /** Of a volume that is being created or restored to, for its running copy and later attempts; of any other: nothing happens. */
  limitBandwidth(volumeId: string, bytesPerSecond: number | null): Promise<void>;
  /**
   * Keeps what the backup says of its volume for `completeVolume`; until then nobody sees it. The last note counts, whatever
   * attempt completes the volume. From then on the volume counts as not verified. @throws Refusal('Fenced')
   */
  noteBackupMetadata(volumeId: string, epoch: number, volumeMeta: VolumeMeta | null): Promise<void>;
  /**
   * The point of no return, one transaction: volume `creating | restoring-backup → available`, with the metadata that the backup gives it
   * (`domain/volume-metadata.ts`), and its backup free of this reader. Completed already under this epoch, whatever it is by
   * now: success. What the copy took is remembered with it.
   * @throws Refusal('Fenced') when a newer epoch exists, Refusal('Conflict') when the volume is neither
   */
  completeVolume(completed: CompletedVolume): Promise<Volume>;
  /**
   * `creating → error` with a user message, and a new epoch so that no writer goes on. A volume being deleted stays so; a call that an
   * earlier run left behind changes nothing.
   */
  failVolume(failed: FailedVolume): Promise<void>;
  /**
   * `→ deleting`; by force from any status. Refused once, it stays refused to this run.
   * @param runId of the workflow
   * @throws Refusal('VolumeNotFound'), Refusal('InvalidVolume') in Cinder's words (H-57)
   */
  beginDeletion(
    volumeId: string,
    runId: string,
    force?: boolean,
  ): Promise<{ readonly volume: Volume; readonly wasAtWork: boolean }>;
  /** `deleting → deleted`: gives the quota back. */
  finishDeletion(volumeId: string): Promise<void>;
  /** Volumes that are `creating`, `restoring-backup`, `extending` or `deleting`, by their ids. */
  listUnsettled(page: IdPage): Promise<readonly UnsettledVolume[]>;
  /** Backups that are `deleting`, in the same order. */
  listUnsettledBackups(page: IdPage): Promise<readonly Backup[]>;
  /**
   * `available | error → deleting`, by force from any status. Being deleted already: success. The answer says whether the record of
   * another backup names the same objects, which must stay then. Refused once, it stays refused to this run.
   * @param runId of the workflow
   * @throws as `deleteBackup`
   */
  beginBackupDeletion(
    backupId: string,
    runId: string,
    force: boolean,
  ): Promise<{ readonly backup: Backup; readonly sharesObjects: boolean }>;
  /** `deleting → deleted`: gives the quota back. In any other status nothing happens. */
  finishBackupDeletion(backupId: string): Promise<void>;
  /** `deleting → error_deleting`, with the reason on the backup. In any other status nothing happens. */
  failBackupDeletion(backupId: string, reason: string): Promise<void>;
  /** What is due on a backend, by the database's clock: it stays due until it is settled. */
  owedRemovals(backend: string): Promise<readonly OwedRemoval[]>;
  /** Under which epoch the removal of the volume from the pool is carried out; null if it isn't owed there, or not yet due. */
  dueRemoval(place: PlacedVolume): Promise<DueRemoval | null>;
  /** What pools have of a volume that doesn't lie there any more, due or not. */
  dataLeftOf(volumeId: string): Promise<readonly OwedRemoval[]>;
  /**
   * What lies on a pool: what no volume and no removal accounts for is noted as an orphan, and what isn't one any more is forgotten. Data of
   * volumes that are deleted is owed when it has been an orphan for `graceMs`; other data when an administrator has said so.
   * Answers the orphans that are new.
   */
  noteContent(content: PoolContent, graceMs: number): Promise<readonly Orphan[]>;
  /**
   * The data is gone from the pool.
   * @param debtId of the debt that was paid: one who comes late must not settle a later one. Left out: whatever is owed there
   */
  settleRemoval(volumeId: string, poolName: string, debtId?: string): Promise<void>;
  /** Records what a data worker sees; the report's time is the database's. */
  reportPools(reports: readonly PoolReport[]): Promise<void>;
  /** Records that somebody works; the time is the database's. Who has not reported for `FORGOTTEN_AFTER_DAYS` is forgotten. */
  reportServices(reports: readonly ServiceReport[]): Promise<void>;
  /** Types of the configuration, added or brought up to date by name. */
  declareVolumeTypes(types: readonly NewVolumeType[]): Promise<void>;
  close(): Promise<void>;
}
