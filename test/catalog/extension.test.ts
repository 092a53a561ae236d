import { randomUUID } from 'node:crypto';
import type { Catalog, FailedExtension } from '../../src/catalog/catalog';
import type { ExtendVolumeRequest } from '../../src/domain/extension';
import { typeQuotaKey } from '../../src/domain/quota';
import type { Volume } from '../../src/domain/volume';
import { accept, newProject, openTestCatalog, outcomeOf, poolOf, tally, times } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;
let projectId: string;
/** Of this test alone, with room for 10 GiB. */
let poolName: string;
beforeAll(async () => {
  opened = await openTestCatalog();
  ({ catalog } = opened);
});
beforeEach(async () => {
  projectId = newProject();
  poolName = `control@files#${projectId}`;
  await catalog.reportPools([poolOf({ name: poolName, totalCapacityGib: 10, freeCapacityGib: 10 })]);
});
afterAll(() => opened.close());

const RUN_OF_TEST = { runId: 'one', reportMaxAgeMs: 60_000 };

/** A volume of 2 GiB on the test's pool that is available. */
async function volume(): Promise<Volume> {
  const { id } = await accept(catalog, { projectId, sizeGib: 2 });
  await catalog.placeVolume({ volumeId: id, choose: () => poolName });
  return catalog.completeVolume({ volumeId: id, written: null });
}
const requestOf = (volumeId: string, newSizeGib: number): ExtendVolumeRequest => ({
  ...{ volumeId, newSizeGib, projectId },
  requestId: `req-${randomUUID()}`,
  expiresAt: '2999-01-01T00:00:00Z',
});
const failureOf = (volumeId: string, runId = 'one'): FailedExtension => ({
  ...{ volumeId, runId },
  failure: { code: 'PoolRefused', message: 'Pool p is full.' },
});
const found = (id: string) => catalog.findVolume(id, 'all-projects');
/** What of quota and pool is taken. */
async function taken(): Promise<unknown> {
  const pool = (await catalog.listPools()).find(({ name }) => name === poolName);
  const { gigabytes, ofTypes } = await catalog.quotaUsage(projectId);
  const type = await catalog.findVolumeType('__DEFAULT__');
  return [gigabytes, ofTypes[typeQuotaKey('gigabytes', type!.id)], pool?.provisionedCapacityGib];
}
/** Its first answer was lost. */
async function twice(step: () => Promise<void>): Promise<void> {
  await step();
  await step();
}
const refusal = (request: ExtendVolumeRequest, runId = 'other') =>
  expect(catalog.acceptExtension(request, { ...RUN_OF_TEST, runId })).rejects;

describe('acceptExtension', () => {
  it('takes quota and room of the new size with the status, and answers its own run the same again (H-62)', async () => {
    const { id, epoch } = await volume();
    const request = requestOf(id, 5);
    const answers = await Promise.all(times(5, () => catalog.acceptExtension(request, RUN_OF_TEST)));
    expect(answers.map((one) => [one.status, one.sizeGib, one.epoch])).toEqual(
      times(5, () => ['extending', 2, answers[0]!.epoch]),
    );
    expect(answers[0]!.epoch).toBeGreaterThan(epoch);
    expect(await found(id)).toMatchObject({ extension: { newSizeGib: 5, requestId: request.requestId } });
    expect(await taken()).toEqual([5, 5, 5]);
  });

  it('lets one of many requests have the volume (H-62)', async () => {
    const { id } = await volume();
    const asked = times(6, (index) =>
      catalog.acceptExtension(requestOf(id, 3 + index), { ...RUN_OF_TEST, runId: `run ${index}` }),
    );
    // Of those that come second, one that asks for more may take over: Temporal lets no two runs go on at once.
    const outcomes = await tally(asked);
    expect(Object.keys(outcomes).filter((outcome) => !['ok', 'InvalidInput'].includes(outcome))).toEqual([]);
    const { extension } = (await found(id))!;
    expect(await taken()).toEqual(times(3, () => extension!.newSizeGib));
  });

  it("refuses in Cinder's order and words, and changes nothing (H-62)", async () => {
    const { id } = await volume();
    await catalog.setQuota(projectId, { perVolumeGigabytes: 6, gigabytes: 5 });
    await refusal(requestOf(id, 2)).toThrow(
      'Invalid input received: New size for extend must be greater than current size. (current: 2, extended: 2).',
    );
    await refusal({ ...requestOf(id, 5), projectId: newProject() }).toMatchObject({ code: 'VolumeNotFound' });
    await refusal(requestOf(id, 7)).toThrow(
      'VolumeSizeExceedsLimit: Requested volume size 7G is larger than maximum allowed limit 6G.',
    );
    await refusal(requestOf(id, 6)).toThrow(
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
        'Requested 4G, quota is 5G and 2G has been consumed.',
    );
    await refusal({ ...requestOf(id, 5), expiresAt: '2001-01-01T00:00:00Z' }).toMatchObject({ code: 'RequestExpired' });
    await catalog.resetVolume(id, { status: 'maintenance' });
    await refusal(requestOf(id, 3)).toThrow(
      `Invalid volume: Volume ${id} status must be '{'status': 'available'}' to extend, currently maintenance.`,
    );
    expect(await found(id)).toMatchObject({ status: 'maintenance', sizeGib: 2, extension: null });
    expect(await taken()).toEqual([2, 2, 2]);
  });

  it("judges by the type's own limits: its quota, and the sizes it allows (S-3, H-85)", async () => {
    const type = await catalog.createVolumeType({
      ...{ name: `small-${projectId}`, description: null, isPublic: true },
      extraSpecs: { 'provisioning:max_vol_size': '4' },
    });
    const { id } = await accept(catalog, { projectId, volumeType: type.id });
    await catalog.placeVolume({ volumeId: id, choose: () => poolName });
    await catalog.completeVolume({ volumeId: id, written: null });
    await catalog.setQuota(projectId, { ofTypes: { [typeQuotaKey('gigabytes', type.id)]: 2 } });
    await refusal(requestOf(id, 5)).toThrow(
      `Specified volume size of '5' is greater than the maximum allowable size of '4' for volume type '${type.name}'.`,
    );
    await refusal(requestOf(id, 3)).toThrow(
      /exceeds allowed gigabytes_small-.* quota\. Requested 2G, quota is 2G and 1G/,
    );
    expect(await outcomeOf(catalog.acceptExtension(requestOf(id, 2), RUN_OF_TEST))).toBe('ok');
  });

  it('refuses what the pool has no room for, what lies nowhere, and where nobody serves', async () => {
    const { id } = await volume();
    await volume();
    await refusal(requestOf(id, 9)).toThrow(`${poolName}: it has room for 6 GiB, not for 7 GiB.`);
    await expect(catalog.acceptExtension(requestOf(id, 3), { runId: 'late', reportMaxAgeMs: -1 })).rejects.toThrow(
      'no worker serves it',
    );
    const { id: nowhere } = await accept(catalog, { projectId });
    await catalog.completeVolume({ volumeId: nowhere, written: null });
    await refusal(requestOf(nowhere, 3)).toThrow('it lies on no pool');
    expect(await taken()).toEqual([5, 5, 4]);
  });

  it('promises no more than there is to many at once', async () => {
    const volumes = await Promise.all(times(4, volume));
    const asked = volumes.map(({ id }, index) =>
      catalog.acceptExtension(requestOf(id, 3), { ...RUN_OF_TEST, runId: `run ${index}` }),
    );
    expect(await tally(asked)).toEqual({ ok: 2, InvalidVolume: 2 });
    expect(await taken()).toEqual([10, 10, 10]);
  });

  it('hands a volume whose run was terminated to the next one, which takes nothing twice', async () => {
    const { id } = await volume();
    await catalog.acceptExtension(requestOf(id, 5), RUN_OF_TEST);
    await catalog.setQuota(projectId, { gigabytes: 3 });
    await catalog.acceptExtension(requestOf(id, 5), { ...RUN_OF_TEST, runId: 'two' });
    expect(await taken()).toEqual([5, 5, 5]);
    await catalog.failExtension(failureOf(id, 'one'));
    expect(await outcomeOf(catalog.completeExtension({ volumeId: id, newSizeGib: 5, runId: 'one' }))).toBe('Conflict');
    expect(await found(id)).toMatchObject({ status: 'extending', sizeGib: 2 });
    await catalog.completeExtension({ volumeId: id, newSizeGib: 5, runId: 'two' });
    expect(await found(id)).toMatchObject({ status: 'available', sizeGib: 5 });
  });
});

describe('the end of an extension', () => {
  it('is a volume of the new size, said once or twice', async () => {
    const { id } = await volume();
    await catalog.acceptExtension(requestOf(id, 5), RUN_OF_TEST);
    await twice(() => catalog.completeExtension({ volumeId: id, newSizeGib: 5, runId: 'one' }));
    expect(await found(id)).toMatchObject({ status: 'available', sizeGib: 5, isProven: true });
    expect(await taken()).toEqual([5, 5, 5]);
  });

  it("or error_extending with the old size, a message in Cinder's code, quota and room given back once (H-87)", async () => {
    const { id } = await volume();
    const request = requestOf(id, 5);
    await catalog.acceptExtension(request, RUN_OF_TEST);
    await twice(() => catalog.failExtension(failureOf(id)));
    expect(await found(id)).toMatchObject({ status: 'error_extending', sizeGib: 2 });
    expect(await taken()).toEqual([2, 2, 2]);
    const messages = await catalog.listMessages(projectId, { requestId: request.requestId });
    expect(messages.map(({ eventId, text, resourceId }) => [eventId, text, resourceId])).toEqual([
      [
        'VOLUME_VOLUME_007_010',
        'extend volume:Volume Driver failed to extend volume. Pool p is full. Its size is 2 GiB as before, and its data is ' +
          'untouched: an administrator may reset it to available.',
        id,
      ],
    ]);
  });

  it('or nothing at all, where nobody was told of its beginning', async () => {
    const { id } = await volume();
    await catalog.acceptExtension(requestOf(id, 5), RUN_OF_TEST);
    await twice(() => catalog.withdrawExtension(failureOf(id)));
    expect(await found(id)).toMatchObject({ status: 'available', sizeGib: 2, extension: null });
    expect(await taken()).toEqual([2, 2, 2]);
  });

  it('comes too late for a volume that is being deleted: by force from extending, plainly from error_extending (H-57, H-61)', async () => {
    const { id } = await volume();
    await catalog.acceptExtension(requestOf(id, 5), RUN_OF_TEST);
    expect(await outcomeOf(catalog.beginDeletion(id, 'plain'))).toBe('InvalidVolume');
    expect(await catalog.beginDeletion(id, 'by force', true)).toMatchObject({ wasAtWork: true });
    expect(await taken()).toEqual([2, 2, 2]);
    await catalog.failExtension(failureOf(id));
    expect(await outcomeOf(catalog.completeExtension({ volumeId: id, newSizeGib: 5, runId: 'one' }))).toBe('Conflict');
    expect(await found(id)).toMatchObject({ status: 'deleting', sizeGib: 2 });

    const failed = await volume();
    await catalog.acceptExtension(requestOf(failed.id, 5), RUN_OF_TEST);
    await catalog.failExtension(failureOf(failed.id));
    expect(await catalog.beginDeletion(failed.id, 'plain')).toMatchObject({ wasAtWork: false });
  });

  it("may be said by an administrator only once it is over, and the create's own lost answer changes nothing", async () => {
    const { id } = await volume();
    await catalog.acceptExtension(requestOf(id, 5), RUN_OF_TEST);
    await expect(catalog.resetVolume(id, { status: 'available' })).rejects.toThrow(
      /is being extended\. Wait for its end/,
    );
    expect(await catalog.completeVolume({ volumeId: id, written: null })).toMatchObject({ status: 'extending' });
    const unsettled = await catalog.listUnsettled({ after: '', limit: 100 });
    expect(unsettled.find((one) => one.volume.id === id)).toMatchObject({ runId: 'one' });
    await catalog.failExtension(failureOf(id));
    await catalog.resetVolume(id, { status: 'available' });
    expect(await found(id)).toMatchObject({ status: 'available', sizeGib: 2 });
  });
});
