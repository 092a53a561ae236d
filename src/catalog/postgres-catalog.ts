import type { Kysely } from 'kysely';
import type { BackupLock } from '../domain/backup-lock';
import { DEFAULT_QUOTA } from '../domain/quota';
import type { QuotaLimits } from '../domain/quota';
import { acceptVolume, withdrawVolume } from './acceptance';
import {
  attachVolume,
  beginDetaching,
  detachVolume,
  reserveVolume,
  rollDetaching,
  unreserveVolume,
} from './attachments';
import { beginBackupDeletion, deleteBackup, failBackupDeletion, finishBackupDeletion } from './backup-deletion';
import { editBackup, resetBackup } from './backup-edits';
import { importBackup } from './backup-import';
import { backupChain, findBackup } from './backups';
import type { Catalog, CatalogEdits, CatalogReader } from './catalog';
import { completeVolume, failVolume } from './completion';
import { databaseClock, openDatabase } from './database';
import type { Database, DatabaseOptions } from './database';
import { beginDeletion, finishDeletion } from './deletion';
import { acceptExtension, completeExtension, failExtension, withdrawExtension } from './extension';
import { claimIdempotencyKey, releaseIdempotencyKey } from './idempotency-keys';
import { judgeVolume } from './judgement';
import { listBackups, listVolumes, summarizeVolumes } from './listing';
import { measuredCopies } from './measured-copies';
import { deleteExpiredMessages, deleteMessage, findMessage, listMessages } from './messages';
import { migrate } from './migrations';
import { listOrphans, noteContent, removeOrphan } from './orphans';
import { dataLeftOf, dueRemoval, owedRemovals, settleRemoval } from './owed-removals';
import { placeVolume, unplaceVolume } from './placement';
import { listPools, reportPools, useOfBackend } from './pools';
import { EVERY_PROJECT, quotaLimits, quotaUsage, resetQuota, setQuota } from './quotas';
import { lockBackup, stopReading } from './readers';
import { acceptRestore, failRestore, withdrawRestore } from './restore';
import type { Schema } from './schema';
import { forgetServices, listServices, reportServices, switchBackend } from './service-reports';
import { retypeVolume } from './retype';
import { resetVolume } from './status-resets';
import { listUnsettled, listUnsettledBackups } from './unsettled';
import { closeType, openType, projectsOfType, typesOpenTo } from './volume-type-access';
import { listDefaultTypes, setDefaultType, unsetDefaultType } from './default-types';
import { createVolumeType, deleteVolumeType, editExtraSpecs, editVolumeType } from './volume-type-edits';
import { declareVolumeTypes, findVolumeType, listVolumeTypes } from './volume-types';
import { editVolume, setReadOnly } from './volume-edits';
import { findVolume } from './volumes';
import { acceptOnce } from './withdrawn-requests';
import {
  beginMaking,
  beginWriting,
  limitBandwidth,
  noteBackupMetadata,
  noteWriting,
  requireWriter,
  saveCheckpoint,
  writerSeenMsAgo,
} from './writing';

export interface CatalogOptions extends DatabaseOptions {
  /** `shared`: many volumes may read one backup at a time; it turns `available` with the last reader. */
  readonly backupLock: BackupLock;
  /** Limits of a project that has none of its own. Default: Cinder's. */
  readonly quotaDefaults?: Partial<QuotaLimits>;
}

/** Opens the catalog and brings its schema up to date; several processes may do so at once. */
export async function connectCatalog(options: CatalogOptions): Promise<Catalog> {
  const db = openDatabase(options);
  try {
    await migrate(db, options.log);
    await deleteExpiredMessages(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return catalogOn(db, options);
}

/** Each method is one statement or one transaction; what they do is written in the files of their subjects. */
function catalogOn(db: Kysely<Schema>, { backupLock, quotaDefaults: configured }: CatalogOptions): Catalog {
  const quotaDefaults = { ...DEFAULT_QUOTA, ...configured };
  const atomically = transactionsOn(db);
  return {
    ...readerOn(db, quotaDefaults),
    ...editsOn(db, quotaDefaults),
    acceptVolume: (request, defaults, runId) =>
      acceptVolume(db, request, { runId, defaults, quotaDefaults, backupLock }),
    judgeVolume: (request, defaults) => judgeVolume(db, request, { defaults, quotaDefaults, backupLock }),
    measuredCopies: (kind) => measuredCopies(db, kind),
    withdrawVolume: (withdrawn) => atomically((tx) => withdrawVolume(tx, withdrawn)),
    lockBackup: (backupId, volumeId) => atomically((tx) => lockBackup(tx, { backupId, volumeId, lock: backupLock })),
    releaseBackup: (read) => atomically((tx) => stopReading(tx, read)),
    backupChain: (backupId) => backupChain(db, backupId),
    acceptRestore: (request, runId) => atomically((tx) => acceptRestore(tx, request, { runId, backupLock })),
    withdrawRestore: (failed) => atomically((tx) => withdrawRestore(tx, failed)),
    failRestore: (failed) => atomically((tx) => failRestore(tx, failed)),
    acceptExtension: (request, { runId, reportMaxAgeMs }) =>
      atomically((tx) => acceptExtension(tx, request, { runId, reportMaxAgeMs, quotaDefaults })),
    withdrawExtension: (failed) => atomically((tx) => withdrawExtension(tx, failed)),
    failExtension: (failed) => atomically((tx) => failExtension(tx, failed)),
    completeExtension: (completed) => atomically((tx) => completeExtension(tx, completed)),
    placeVolume: (options) => atomically((tx) => placeVolume(tx, options)),
    unplaceVolume: (leaving) => atomically((tx) => unplaceVolume(tx, leaving)),
    beginMaking: (place) => atomically((tx) => beginMaking(tx, place)),
    requireWriter: (writer) => requireWriter(db, writer),
    beginWriting: (volumeId, attempt) => atomically((tx) => beginWriting(tx, volumeId, attempt)),
    noteWriting: (volumeId, epoch, stalledMs) => atomically((tx) => noteWriting(tx, { volumeId, epoch, stalledMs })),
    noteBackupMetadata: (volumeId, epoch, volumeMeta) => noteBackupMetadata(db, { volumeId, epoch, volumeMeta }),
    writerSeenMsAgo: (volumeId) => writerSeenMsAgo(db, volumeId),
    saveCheckpoint: (volumeId, epoch, checkpoint) => saveCheckpoint(db, { volumeId, epoch, checkpoint }),
    limitBandwidth: (volumeId, bytesPerSecond) => limitBandwidth(db, volumeId, bytesPerSecond),
    completeVolume: (completed) => atomically((tx) => completeVolume(tx, completed)),
    failVolume: (failed) => atomically((tx) => failVolume(tx, failed)),
    beginDeletion: (volumeId, runId, force = false) =>
      acceptOnce(db, { runId, subjectId: volumeId }, (tx) => beginDeletion(tx, volumeId, force)),
    finishDeletion: (volumeId) => atomically((tx) => finishDeletion(tx, volumeId)),
    listUnsettled: (page) => listUnsettled(db, page),
    listUnsettledBackups: (page) => listUnsettledBackups(db, page),
    beginBackupDeletion: (backupId, runId, force) =>
      acceptOnce(db, { runId, subjectId: backupId }, (tx) => beginBackupDeletion(tx, backupId, force)),
    finishBackupDeletion: (backupId) => finishBackupDeletion(db, backupId),
    failBackupDeletion: (backupId, reason) => atomically((tx) => failBackupDeletion(tx, backupId, reason)),
    owedRemovals: (backend) => owedRemovals(db, backend),
    dueRemoval: (place) => dueRemoval(db, place),
    dataLeftOf: (volumeId) => dataLeftOf(db, volumeId),
    noteContent: (content, graceMs) => atomically((tx) => noteContent(tx, content, graceMs)),
    settleRemoval: (volumeId, poolName, debtId) =>
      atomically((tx) => settleRemoval(tx, { volumeId, poolName }, debtId)),
    reportPools: (reports) => reportPools(db, reports),
    reportServices: async (reports) => {
      await reportServices(db, reports);
      await forgetServices(db);
    },
    declareVolumeTypes: (types) => declareVolumeTypes(db, types),
    close: () => db.destroy(),
  };
}

function readerOn(db: Kysely<Schema>, quotaDefaults: QuotaLimits): CatalogReader {
  return {
    now: () => databaseClock(db),
    findVolume: (id, visibility) => findVolume(db, id, visibility),
    listVolumes: (page) => listVolumes(db, page),
    summarizeVolumes: (visibility) => summarizeVolumes(db, visibility),
    findBackup: (id, visibility) => findBackup(db, id, visibility),
    listBackups: (page) => listBackups(db, page),
    findVolumeType: (nameOrId) => findVolumeType(db, nameOrId),
    listVolumeTypes: () => listVolumeTypes(db),
    typesOpenTo: (projectId) => typesOpenTo(db, projectId),
    projectsOfType: (volumeTypeId) => projectsOfType(db, volumeTypeId),
    listDefaultTypes: (projectId) => listDefaultTypes(db, projectId),
    listPools: () => listPools(db),
    listServices: () => listServices(db),
    listOrphans: () => listOrphans(db),
    useOfBackend: (backend) => useOfBackend(db, backend),
    findMessage: (id, projectId) => findMessage(db, id, projectId),
    listMessages: (projectId, filter) => listMessages(db, projectId, filter),
    quotaLimits: (projectId) => quotaLimits(db, projectId, quotaDefaults),
    quotaUsage: (projectId) => quotaUsage(db, projectId),
    defaultQuota: () => quotaLimits(db, EVERY_PROJECT, quotaDefaults),
  };
}

function editsOn(db: Kysely<Schema>, quotaDefaults: QuotaLimits): CatalogEdits {
  const atomically = transactionsOn(db);
  return {
    editVolume: (volumeId, edit) => editVolume(db, volumeId, edit),
    setReadOnly: (volumeId, readOnly) => atomically((tx) => setReadOnly(tx, volumeId, readOnly)),
    retypeVolume: (retype) => atomically((tx) => retypeVolume(tx, retype, quotaDefaults)),
    attachVolume: (volumeId, attachment) => atomically((tx) => attachVolume(tx, volumeId, attachment)),
    detachVolume: (volumeId, attachmentId) => atomically((tx) => detachVolume(tx, volumeId, attachmentId)),
    reserveVolume: (volumeId) => atomically((tx) => reserveVolume(tx, volumeId)),
    unreserveVolume: (volumeId) => atomically((tx) => unreserveVolume(tx, volumeId)),
    beginDetaching: (volumeId) => atomically((tx) => beginDetaching(tx, volumeId)),
    rollDetaching: (volumeId) => atomically((tx) => rollDetaching(tx, volumeId)),
    resetVolume: (volumeId, reset) => atomically((tx) => resetVolume(tx, volumeId, reset)),
    importBackup: (backup, { beyondQuota } = { beyondQuota: false }) =>
      atomically((tx) => importBackup(tx, backup, beyondQuota ? null : quotaDefaults)),
    editBackup: (backupId, edit) => atomically((tx) => editBackup(tx, backupId, edit)),
    removeOrphan: (volumeId) => removeOrphan(db, volumeId),
    deleteBackup: (backupId, force = false) => atomically((tx) => deleteBackup(tx, backupId, force)),
    resetBackup: (backupId, status) => atomically((tx) => resetBackup(tx, backupId, status)),
    deleteMessage: (id, projectId) => deleteMessage(db, id, projectId),
    createVolumeType: (type) => createVolumeType(db, type),
    editVolumeType: (id, edit) => editVolumeType(db, id, edit),
    editExtraSpecs: (id, edit) => atomically((tx) => editExtraSpecs(tx, id, edit)),
    deleteVolumeType: (id) => atomically((tx) => deleteVolumeType(tx, id)),
    switchBackend: (change) => switchBackend(db, change),
    openType: (access) => atomically((tx) => openType(tx, access)),
    closeType: (access) => atomically((tx) => closeType(tx, access)),
    setDefaultType: (projectId, volumeTypeId) => setDefaultType(db, { projectId, volumeTypeId }),
    unsetDefaultType: (projectId) => unsetDefaultType(db, projectId),
    claimIdempotencyKey: (claim) => atomically((tx) => claimIdempotencyKey(tx, claim)),
    releaseIdempotencyKey: (volumeId) => releaseIdempotencyKey(db, volumeId),
    setQuota: async (projectId, limits) => {
      await setQuota(db, projectId, limits);
      return quotaLimits(db, projectId, quotaDefaults);
    },
    resetQuota: (projectId) => resetQuota(db, projectId),
    setDefaultQuota: async (limits) => {
      await setQuota(db, EVERY_PROJECT, limits);
      return quotaLimits(db, EVERY_PROJECT, quotaDefaults);
    },
  };
}

function transactionsOn(db: Kysely<Schema>) {
  return <Result>(work: (transaction: Database) => Promise<Result>): Promise<Result> => db.transaction().execute(work);
}
