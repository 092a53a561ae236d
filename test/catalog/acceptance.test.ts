import { randomUUID } from 'node:crypto';
import { Refusal } from '../../src/domain/errors';
import {
  accept,
  acceptFromBackup,
  connectTo,
  DEFAULTS,
  importOf,
  newProject,
  openTestCatalog,
  outcomeOf,
  poolOf,
  requestOf,
  RUN,
  tally,
  times,
} from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;

beforeAll(async () => {
  opened = await openTestCatalog();
});

afterAll(async () => {
  await opened.close();
});

describe('acceptVolume', () => {
  it('writes the volume as creating, without a host (S-15)', async () => {
    const request = requestOf({ name: 'db', description: 'text', metadata: { tier: 'gold' }, sizeGib: 3 });
    const volume = await opened.catalog.acceptVolume(request, DEFAULTS, RUN);
    expect(volume).toMatchObject({
      id: request.volumeId,
      projectId: request.projectId,
      userId: 'user',
      status: 'creating',
      host: null,
      sizeGib: 3,
      name: 'db',
      description: 'text',
      metadata: { tier: 'gold' },
      volumeTypeName: '__DEFAULT__',
      availabilityZone: 'nova',
      bootable: false,
      backupId: null,
      requestId: request.requestId,
      epoch: 0,
      updatedAt: null,
    });
    expect(Math.abs(volume.createdAt.getTime() - (await opened.catalog.now()).getTime())).toBeLessThan(5_000);
    expect(await opened.catalog.findVolume(volume.id, { projectId: request.projectId })).toEqual(volume);
  });

  it('takes the size of the backup where none is given (H-38)', async () => {
    const backup = await opened.catalog.importBackup(importOf({ sizeGib: 7 }));
    const volume = await accept(opened.catalog, { projectId: backup.projectId, backupId: backup.id, sizeGib: null });
    expect(volume).toMatchObject({ sizeGib: 7, backupId: backup.id });
  });

  it('answers a repeated request with the row that there is, even when it has expired meanwhile', async () => {
    const request = requestOf();
    const first = await opened.catalog.acceptVolume(request, DEFAULTS, RUN);
    const repeated = await opened.catalog.acceptVolume(
      { ...request, expiresAt: '2001-01-01T00:00:00Z' },
      DEFAULTS,
      RUN,
    );
    expect(repeated).toEqual(first);
  });

  it('answers a repeated request in whatever status the volume is', async () => {
    const request = requestOf();
    await opened.catalog.acceptVolume(request, DEFAULTS, RUN);
    await opened.catalog.completeVolume({ volumeId: request.volumeId, written: null });
    expect(await opened.catalog.acceptVolume(request, DEFAULTS, RUN)).toMatchObject({ status: 'available' });
  });

  it('refuses the id of a deleted volume: the record outlives it', async () => {
    const request = requestOf();
    await opened.catalog.acceptVolume(request, DEFAULTS, RUN);
    await opened.catalog.beginDeletion(request.volumeId, RUN);
    await opened.catalog.finishDeletion(request.volumeId);
    expect(await outcomeOf(opened.catalog.acceptVolume(request, DEFAULTS, RUN))).toBe('Conflict');
  });

  it("refuses another project's volume id", async () => {
    const { id } = await accept(opened.catalog);
    expect(await outcomeOf(accept(opened.catalog, { volumeId: id }))).toBe('Conflict');
  });

  it('refuses a request whose time is over on the clock of the database', async () => {
    const now = await opened.catalog.now();
    const request = requestOf({ expiresAt: new Date(now.getTime() - 1).toISOString() });
    expect(await outcomeOf(opened.catalog.acceptVolume(request, DEFAULTS, RUN))).toBe('RequestExpired');
    expect(await opened.catalog.findVolume(request.volumeId, 'all-projects')).toBeNull();
  });

  it('writes one row when the same request comes 20 times at once, also through two processes', async () => {
    const request = requestOf();
    const other = await connectTo(opened.database);
    const calls = times(20, (index) => (index % 2 ? other : opened.catalog).acceptVolume(request, DEFAULTS, RUN));
    expect(await tally(calls)).toEqual({ ok: 20 });
    expect(await opened.catalog.quotaUsage(request.projectId)).toMatchObject({ volumes: 1, gigabytes: 1 });
    await other.close();
  });

  it('lets one project have an id for which several ask at once', async () => {
    const volumeId = randomUUID();
    const calls = times(20, () => accept(opened.catalog, { volumeId }));
    expect(await tally(calls)).toEqual({ ok: 1, Conflict: 19 });
  });

  it('accepts exactly as many volumes as the quota has room for, when 20 come at once (S-13)', async () => {
    const projectId = newProject();
    const calls = times(20, () => accept(opened.catalog, { projectId }));
    expect(await tally(calls)).toEqual({ ok: 10, VolumeLimitExceeded: 10 });
    expect(await opened.catalog.quotaUsage(projectId)).toMatchObject({ volumes: 10 });
  });

  it('gives the last of the quota to one of 20 who come at once (S-12)', async () => {
    const projectId = newProject();
    await opened.catalog.setQuota(projectId, { gigabytes: 2, volumes: -1 });
    const calls = times(20, () => accept(opened.catalog, { projectId, sizeGib: 2 }));
    expect(await tally(calls)).toEqual({ ok: 1, VolumeSizeExceedsAvailableQuota: 19 });
  });

  it('refuses by gigabytes before it refuses by number (S-12)', async () => {
    const projectId = newProject();
    await opened.catalog.setQuota(projectId, { gigabytes: 5, volumes: 1 });
    await accept(opened.catalog, { projectId, sizeGib: 3 });
    await expect(accept(opened.catalog, { projectId, sizeGib: 3 })).rejects.toThrow(
      'Requested 3G, quota is 5G and 3G has been consumed.',
    );
  });

  it("doesn't show a backup of another project (H-28)", async () => {
    const backup = await opened.catalog.importBackup(importOf());
    await expect(accept(opened.catalog, { backupId: backup.id })).rejects.toThrow(
      new Refusal('BackupNotFound', `Backup ${backup.id} could not be found.`),
    );
  });

  it('refuses a backup that is being restored, when locking is exclusive (S-5)', async () => {
    const backup = await opened.catalog.importBackup(importOf());
    const { projectId } = backup;
    const volume = await accept(opened.catalog, { projectId, backupId: backup.id });
    await opened.catalog.lockBackup(backup.id, volume.id);
    await expect(accept(opened.catalog, { projectId, backupId: backup.id })).rejects.toThrow(
      "Invalid backup: Originating backup status must be one of 'available' values",
    );
  });

  it('knows the zones of all pools that ever reported, and the default zone (S-7)', async () => {
    await opened.catalog.reportPools([poolOf({ name: 'far@files#pool', availabilityZone: 'far' })]);
    expect(await accept(opened.catalog, { availabilityZone: 'far' })).toMatchObject({ availabilityZone: 'far' });
    expect(await accept(opened.catalog, { availabilityZone: 'nova' })).toMatchObject({ availabilityZone: 'nova' });
    await expect(accept(opened.catalog, { availabilityZone: 'zz' })).rejects.toThrow(
      "Availability zone 'zz' is invalid.",
    );
  });

  it('finds a type by name and by id (H-35)', async () => {
    await opened.catalog.declareVolumeTypes([{ name: 'fast', description: null, isPublic: true, extraSpecs: {} }]);
    const byName = await accept(opened.catalog, { volumeType: 'fast' });
    const byId = await accept(opened.catalog, { volumeType: byName.volumeTypeId });
    expect([byName.volumeTypeName, byId.volumeTypeName]).toEqual(['fast', 'fast']);
  });

  it('refuses for good what PostgreSQL cannot store', async () => {
    const calls = [accept(opened.catalog, { name: 'a\0b' }), accept(opened.catalog, { metadata: { key: '\0' } })];
    expect(await tally(calls)).toEqual({ InvalidInput: 2 });
  });
});

describe('withdrawVolume', () => {
  const LATER = '2999-01-01T00:00:00Z';

  it('takes row and quota back, twice', async () => {
    const volume = await accept(opened.catalog);
    expect(await opened.catalog.withdrawVolume({ volumeId: volume.id, expiresAt: LATER, runId: RUN })).toBe(true);
    expect(await opened.catalog.withdrawVolume({ volumeId: volume.id, expiresAt: LATER, runId: RUN })).toBe(true);
    expect(await opened.catalog.findVolume(volume.id, 'all-projects')).toBeNull();
    expect(await opened.catalog.quotaUsage(volume.projectId)).toMatchObject({ volumes: 0, gigabytes: 0 });
  });

  it('leaves the id free for another run', async () => {
    const request = requestOf();
    await opened.catalog.acceptVolume(request, DEFAULTS, RUN);
    await opened.catalog.withdrawVolume({ volumeId: request.volumeId, expiresAt: LATER, runId: RUN });
    expect(await opened.catalog.acceptVolume(request, DEFAULTS, 'second-run')).toMatchObject({ status: 'creating' });
  });

  it('frees the backup that the volume had locked already', async () => {
    const { volume, backupId } = await acceptFromBackup(opened.catalog);
    await opened.catalog.withdrawVolume({ volumeId: volume.id, expiresAt: LATER, runId: RUN });
    expect(await opened.catalog.findBackup(backupId, 'all-projects')).toMatchObject({ status: 'available' });
  });

  it('leaves a volume after the expiry, when a caller may have been told of it', async () => {
    const { volume, backupId } = await acceptFromBackup(opened.catalog);
    const now = await opened.catalog.now();
    const expiresAt = new Date(now.getTime() - 1).toISOString();
    expect(await opened.catalog.withdrawVolume({ volumeId: volume.id, expiresAt, runId: RUN })).toBe(false);
    expect(await opened.catalog.findVolume(volume.id, 'all-projects')).toMatchObject({ status: 'creating' });
    expect(await opened.catalog.findBackup(backupId, 'all-projects')).toMatchObject({ status: 'available' });
  });

  it('leaves a volume that has a host', async () => {
    const { id } = await accept(opened.catalog);
    await opened.catalog.placeVolume({ volumeId: id, choose: () => 'control@files#pool' });
    expect(await opened.catalog.withdrawVolume({ volumeId: id, expiresAt: LATER, runId: RUN })).toBe(false);
    expect(await opened.catalog.findVolume(id, 'all-projects')).toMatchObject({ status: 'creating' });
  });

  it('has nothing to take back of a volume that is not creating any more', async () => {
    const { id } = await accept(opened.catalog);
    await opened.catalog.completeVolume({ volumeId: id, written: null });
    expect(await opened.catalog.withdrawVolume({ volumeId: id, expiresAt: LATER, runId: RUN })).toBe(true);
    expect(await opened.catalog.findVolume(id, 'all-projects')).toMatchObject({ status: 'available' });
  });
});
