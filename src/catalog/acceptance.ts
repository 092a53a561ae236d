import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { judge } from '../domain/acceptance';
import type { Accepted, AcceptanceFacts } from '../domain/acceptance';
import type { BackupLock } from '../domain/backup-lock';
import type { CreateVolumeRequest } from '../domain/create-request';
import { Refusal } from '../domain/errors';
import type { QuotaLimits } from '../domain/quota';
import type { Volume } from '../domain/volume';
import { findBackup } from './backups';
import type { AcceptanceDefaults, WithdrawnVolume } from './catalog';
import { defaultTypeOf } from './default-types';
import { requireStorable } from './database';
import type { Database } from './database';
import { knownZones } from './pools';
import { lockQuota, quotaLimits, quotaUsage } from './quotas';
import { countReaders, releaseBackupsOf } from './readers';
import { goOn } from './retry';
import { isLastRun } from './runs';
import type { Schema } from './schema';
import { findVolumeType } from './volume-types';
import { lockVolume, readVolume } from './volumes';
import { closeRequest, requireOpenRequest } from './withdrawn-requests';

export interface AcceptanceOptions {
  /** Of the workflow. */
  readonly runId: string;
  readonly defaults: AcceptanceDefaults;
  readonly quotaDefaults: QuotaLimits;
  readonly backupLock: BackupLock;
}

/** See `Catalog.acceptVolume`. The transaction ends with the insert: what is read afterwards must not delay its commit. */
export async function acceptVolume(
  db: Kysely<Schema>,
  request: CreateVolumeRequest,
  options: AcceptanceOptions,
): Promise<Volume> {
  requireStorable(request);
  await db.transaction().execute((tx) => writeOnce(tx, request, options));
  return requireOwn(await readVolume(db, request.volumeId), request);
}

async function writeOnce(db: Database, request: CreateVolumeRequest, options: AcceptanceOptions): Promise<void> {
  await requireOpenRequest(db, { runId: options.runId, subjectId: request.volumeId });
  await lockQuota(db, request.projectId);
  const volume = await lockVolume(db, request.volumeId);
  if (volume) return goOn(db, { volume: requireOwn(volume, request), request }, options);
  const accepted = judge(request, await loadFacts(db, request, options));
  if (!(await isInTime(db, request.expiresAt))) {
    throw new Refusal('RequestExpired', `The request to create volume ${request.volumeId} has expired.`);
  }
  await writeVolume(db, request, { ...accepted, runId: options.runId });
}

/** An id belongs to one project, and is used up by deletion: the record outlives the volume. */
function requireOwn(volume: Volume | null, request: CreateVolumeRequest): Volume {
  if (volume && volume.projectId === request.projectId && volume.status !== 'deleted') return volume;
  throw new Refusal('Conflict', `Volume id ${request.volumeId} has already been used.`);
}

/** What a request is judged by. */
export async function loadFacts(
  db: Database,
  request: CreateVolumeRequest,
  { defaults, quotaDefaults, backupLock }: Omit<AcceptanceOptions, 'runId'>,
): Promise<AcceptanceFacts> {
  const { projectId, backupId } = request;
  return {
    type: await findVolumeType(db, request.volumeType ?? (await defaultTypeOf(db, projectId)) ?? defaults.volumeType),
    defaultType: defaults.volumeType,
    backup: backupId === null ? null : await findBackup(db, backupId, { projectId }),
    backupLock,
    backupReaders: backupId === null ? 0 : await countReaders(db, backupId),
    zones: [...(await knownZones(db)), defaults.availabilityZone],
    defaultZone: defaults.availabilityZone,
    limits: await quotaLimits(db, projectId, quotaDefaults),
    usage: await quotaUsage(db, projectId),
  };
}

/**
 * The API looks for the row until 2 s after the expiry, and answers by what it finds. So between this look at the clock and
 * the commit there must be less: two idle moments and one statement of half a second each, or PostgreSQL ends the transaction.
 */
const STEP_LIMIT_MS = 500;

/** Whether it is still before the expiry, on the database's clock; if so, what is left of the transaction is quick. */
export async function isInTime(db: Database, expiresAt: string): Promise<boolean> {
  const limit = String(STEP_LIMIT_MS);
  const { rows } = await sql<{ inTime: boolean }>`
    select clock_timestamp() <= ${expiresAt}::timestamptz as "inTime",
      set_config('statement_timeout', ${limit}, true),
      set_config('idle_in_transaction_session_timeout', ${limit}, true)`.execute(db);
  return rows[0]?.inTime ?? false;
}

/** Does nothing if the id was taken meanwhile by another project, whose quota lock isn't ours. */
async function writeVolume(
  db: Database,
  request: CreateVolumeRequest,
  accepted: Accepted & { readonly runId: string },
): Promise<void> {
  await db
    .insertInto('volumes')
    .values({
      id: request.volumeId,
      project_id: request.projectId,
      user_id: request.userId,
      status: 'creating',
      size_gib: accepted.sizeGib,
      name: request.name,
      description: request.description,
      volume_type_id: accepted.type.id,
      availability_zone: accepted.availabilityZone,
      metadata: JSON.stringify(request.metadata),
      backup_id: request.backupId,
      request_id: request.requestId,
      read_back: request.readBack,
      run_ids: [accepted.runId],
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** In a transaction. See `Catalog.withdrawVolume`. */
export async function withdrawVolume(db: Database, withdrawn: WithdrawnVolume): Promise<boolean> {
  const { volumeId, expiresAt, runId } = withdrawn;
  await closeRequest(db, { runId, subjectId: volumeId });
  const volume = await lockVolume(db, volumeId);
  if (volume?.status !== 'creating' || !(await isLastRun(db, volumeId, runId))) return true;
  await releaseBackupsOf(db, volumeId);
  // A volume that was retried has been told of long ago.
  if (volume.host !== null || volume.runs > 1 || !(await isInTime(db, expiresAt))) return false;
  await db.deleteFrom('volumes').where('id', '=', volumeId).execute();
  return true;
}
