import { randomUUID } from 'node:crypto';
import type { ImportedBackup } from '../../src/catalog/catalog';
import type { Catalog } from '../../src/catalog/catalog';
import { connectCatalog } from '../../src/catalog/postgres-catalog';
import type { CatalogOptions } from '../../src/catalog/postgres-catalog';
import type { CreateVolumeRequest } from '../../src/domain/create-request';
import { isRefusalCode, Refusal } from '../../src/domain/errors';
import type { PoolReport } from '../../src/domain/pool';
import type { FailureReason } from '../../src/domain/user-message';
import type { Volume } from '../../src/domain/volume';
import type { VolumeMeta } from '../../src/domain/volume-metadata';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';

export const DEFAULTS = { volumeType: '__DEFAULT__', availabilityZone: 'nova' };

/** Of the workflow that creates a volume, unless a test says that it is another. */
export const RUN = 'first-run';

export const REASON: FailureReason = { detail: 'The object is damaged.', action: 'restoreBackup', detailId: '026' };

export interface TestCatalog {
  readonly catalog: Catalog;
  readonly database: TestDatabase;
  close(): Promise<void>;
}

const silent = { info: () => undefined, warn: () => undefined };

export async function openTestCatalog(options: Partial<CatalogOptions> = {}): Promise<TestCatalog> {
  const database = await createTestDatabase();
  const catalog = await connectTo(database, options);
  return {
    catalog,
    database,
    close: async () => {
      await catalog.close();
      await database.drop();
    },
  };
}

/** One more process on the same database. */
export function connectTo(database: TestDatabase, options: Partial<CatalogOptions> = {}): Promise<Catalog> {
  return connectCatalog({ url: database.url, log: silent, backupLock: 'exclusive', maxConnections: 4, ...options });
}

/** A project of its own, so that one test's rows don't use another's quota. */
export function newProject(): string {
  return randomUUID().replaceAll('-', '');
}

export function requestOf(request: Partial<CreateVolumeRequest> = {}): CreateVolumeRequest {
  return {
    volumeId: randomUUID(),
    projectId: newProject(),
    userId: 'user',
    requestId: `req-${randomUUID()}`,
    sizeGib: 1,
    name: 'a volume',
    description: null,
    volumeType: null,
    availabilityZone: null,
    metadata: {},
    readBack: false,
    backupId: null,
    expiresAt: '2999-01-01T00:00:00.000Z',
    ...request,
  };
}

export function importOf(backup: Partial<ImportedBackup> = {}): ImportedBackup {
  return {
    id: randomUUID(),
    projectId: newProject(),
    userId: 'user',
    sizeGib: 1,
    name: 'a backup',
    description: null,
    volumeId: randomUUID(),
    snapshotId: null,
    parentId: null,
    service: 'cinder.backup.drivers.posix.PosixBackupDriver',
    container: 'ab/cd/container',
    serviceMetadata: 'volume_1/20260101000000/az_nova_backup_1',
    objectCount: 2,
    availabilityZone: 'nova',
    host: 'control',
    encryptionKeyId: null,
    metadata: {},
    dataTimestamp: null,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...backup,
  };
}

export function poolOf(pool: Partial<PoolReport> = {}): PoolReport {
  return {
    name: 'control@files#pool',
    availabilityZone: 'nova',
    totalCapacityGib: 100,
    freeCapacityGib: 100,
    reservedPercentage: 0,
    thinProvisioning: false,
    maxOverSubscriptionRatio: 1,
    capabilities: { volume_backend_name: 'files' },
    ...pool,
  };
}

export function volumeMetaOf(volumeMeta: Partial<VolumeMeta> = {}): VolumeMeta {
  return {
    name: null,
    description: null,
    bootable: false,
    encryptionKeyId: null,
    volumeTypeId: null,
    userMetadata: {},
    imageMetadata: {},
    ...volumeMeta,
  };
}

export function accept(catalog: Catalog, request: Partial<CreateVolumeRequest> = {}): Promise<Volume> {
  return catalog.acceptVolume(requestOf(request), DEFAULTS, RUN);
}

/** A new run goes on with the volume. */
export function retry(catalog: Catalog, { id, projectId, backupId }: Volume, runId = 'second-run'): Promise<Volume> {
  return catalog.acceptVolume(requestOf({ volumeId: id, projectId, backupId }), DEFAULTS, runId);
}

/** A volume that is `creating` from a backup that it has locked. */
export async function acceptFromBackup(
  catalog: Catalog,
  request: Partial<CreateVolumeRequest> = {},
): Promise<{ volume: Volume; backupId: string }> {
  const { id: backupId, projectId } = await catalog.importBackup(
    importOf({ projectId: request.projectId ?? newProject() }),
  );
  const volume = await accept(catalog, { ...request, projectId, backupId });
  await catalog.lockBackup(backupId, volume.id);
  return { volume, backupId };
}

/** A volume that is `available`, made from a backup that says this of its own volume. */
export async function completeFromBackup(
  catalog: Catalog,
  says: Partial<VolumeMeta>,
  request: Partial<CreateVolumeRequest> = {},
): Promise<Volume> {
  const { volume, backupId } = await acceptFromBackup(catalog, request);
  const { epoch } = await catalog.beginWriting(volume.id, { maxGapMs: 1000 });
  await catalog.noteBackupMetadata(volume.id, epoch, volumeMetaOf(says));
  return catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
}

/** What became of a call: what it returned as `ok`, or the code of its refusal. Any other error is the test's failure. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof Refusal && isRefusalCode(error.code)) return error.code;
    throw error;
  }
}

/** How often each outcome came. */
export async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(calls.map(outcomeOf))) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

export function times<Result>(count: number, make: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
