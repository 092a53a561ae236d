import { z } from 'zod';
import type { ImportedBackup } from '../catalog/catalog';
import type { Backup } from '../domain/backup';
import { badRequest } from './problems';
import type { Problem } from './problems';
import { isStorable } from './storable';

/*
 * The record in which Cinder hands a backup from one catalog to another: base64 of the JSON of its row (H-77).
 */

/** What a record says of its backup; the importer adds whose it becomes and where. */
export type RecordedBackup = Omit<
  ImportedBackup,
  'projectId' | 'userId' | 'service' | 'availabilityZone' | 'host' | 'createdAt'
> & { readonly createdAt: Date | null };

/** H-78: without these Cinder's importer gives up. */
const REQUIRED = [
  'display_name',
  'display_description',
  'container',
  'size',
  'service_metadata',
  'object_count',
  'id',
] as const;

const MAX_INT = 2_147_483_647;
const text = z.string().refine(isStorable, 'contains a character that cannot be stored');
const nullableText = text.nullish().transform((value) => value ?? null);
const count = z.int().min(0).max(MAX_INT);
/** Second precision with `Z` in Cinder's records (H-77); older ones have no zone, and mean UTC. */
const date = z
  .string()
  .regex(/^[1-9]\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?$/)
  .transform((value) => new Date(`${value.slice(0, 19).replace(' ', 'T')}Z`))
  .refine((value) => !Number.isNaN(value.getTime()), 'is no date')
  .nullish()
  .transform((value) => value ?? null);
const NO_VOLUME = '00000000-0000-0000-0000-000000000000';

const recordSchema = z.object({
  id: text.min(1).max(255),
  size: count,
  object_count: count,
  display_name: nullableText,
  display_description: nullableText,
  container: nullableText,
  service_metadata: nullableText,
  volume_id: nullableText,
  snapshot_id: nullableText,
  parent_id: nullableText,
  encryption_key_id: nullableText,
  metadata: z
    .record(text, text)
    .nullish()
    .transform((value) => value ?? {}),
  data_timestamp: date,
  created_at: date,
  project_id: nullableText,
  user_id: nullableText,
});

/** Whose the backup was where the record was made. Cinder's importer overlooks it (H-78). */
export interface RecordOwner {
  readonly projectId: string | null;
  readonly userId: string | null;
}

export interface DecodedRecord {
  readonly backup: RecordedBackup;
  readonly owner: RecordOwner;
}

/**
 * Reads a record, whoever wrote it.
 * @throws Problem 400 in Cinder's words (H-76)
 */
export function decodeRecord(backupUrl: string): DecodedRecord {
  return readRecord(decodeBase64(backupUrl));
}

/** The same of a record's JSON. @throws Problem 400 */
export function readRecord(json: string): DecodedRecord {
  const fields = parseFields(json);
  if (!('id' in fields)) throw invalid('Provided backup record is missing an id');
  if (!('size' in fields)) throw invalid('Provided backup record is missing size attribute');
  const missing = REQUIRED.filter((key) => !(key in fields));
  if (missing.length > 0) {
    const text = 'Driver successfully decoded imported backup data, but there are missing fields';
    throw invalid(`${text} (${missing.join(', ')}).`);
  }
  const record = recordSchema.safeParse(fields);
  if (!record.success) throw unparsable(record.error.issues[0]);
  const { project_id: projectId, user_id: userId } = record.data;
  return { backup: backupOf(record.data), owner: { projectId, userId } };
}

function backupOf(record: z.infer<typeof recordSchema>): RecordedBackup {
  return {
    id: record.id,
    sizeGib: record.size,
    objectCount: record.object_count,
    name: record.display_name,
    description: record.display_description,
    container: record.container,
    serviceMetadata: record.service_metadata,
    volumeId: record.volume_id ?? NO_VOLUME,
    snapshotId: record.snapshot_id,
    parentId: record.parent_id,
    encryptionKeyId: record.encryption_key_id,
    metadata: record.metadata,
    dataTimestamp: record.data_timestamp,
    createdAt: record.created_at,
  };
}

function decodeBase64(backupUrl: string): string {
  const packed = backupUrl.replace(/\s/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw invalid("Can't decode backup record.");
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(packed, 'base64'));
  } catch {
    throw unparsable();
  }
}

function parseFields(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as of anything else that isn't a JSON object.
  }
  throw unparsable();
}

function unparsable(issue?: z.core.$ZodIssue): Problem {
  const where = issue ? ` ${issue.path.join('.')}: ${issue.message}` : '';
  return invalid(`Can't parse backup record.${where}`);
}

function invalid(reason: string): Problem {
  return badRequest(`Invalid input received: ${reason}`);
}

/** The inverse, with Cinder's keys in Cinder's order (Appendix B of the contract). */
export function encodeRecord(backup: Backup): string {
  const record = {
    driver_info: {},
    id: backup.id,
    user_id: backup.userId,
    project_id: backup.projectId,
    volume_id: backup.volumeId,
    host: backup.host,
    availability_zone: backup.availabilityZone,
    container: backup.container,
    parent_id: backup.parentId,
    status: backup.status,
    fail_reason: backup.failReason,
    size: backup.sizeGib,
    display_name: backup.name,
    display_description: backup.description,
    service_metadata: backup.serviceMetadata,
    service: backup.service,
    object_count: backup.objectCount,
    temp_volume_id: null,
    temp_snapshot_id: null,
    num_dependent_backups: backup.dependentBackups,
    snapshot_id: backup.snapshotId,
    data_timestamp: seconds(backup.dataTimestamp),
    restore_volume_id: null,
    metadata: backup.metadata,
    encryption_key_id: backup.encryptionKeyId,
    created_at: seconds(backup.createdAt),
    updated_at: seconds(backup.updatedAt),
    deleted_at: null,
    deleted: false,
  };
  return Buffer.from(JSON.stringify(record)).toString('base64');
}

function seconds(at: Date | null): string | null {
  return at === null ? null : `${at.toISOString().slice(0, 19)}Z`;
}
