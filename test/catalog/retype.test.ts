import { randomUUID } from 'node:crypto';
import type { Catalog, VolumeRetype } from '../../src/catalog/catalog';
import { typeQuotaKey } from '../../src/domain/quota';
import type { VolumeType } from '../../src/domain/volume-type';
import { accept, newProject, openTestCatalog, outcomeOf, poolOf, tally, times } from './arrange';
import type { TestCatalog } from './arrange';

let opened: TestCatalog;
let catalog: Catalog;
let projectId: string;
const POOL = 'control@files#pool';
beforeAll(async () => {
  opened = await openTestCatalog();
  ({ catalog } = opened);
});
beforeEach(async () => {
  projectId = newProject();
  await catalog.reportPools([poolOf({ name: POOL })]);
});
afterAll(() => opened.close());

/** Of 1 GiB, on the pool, and available. */
async function makeVolume(): Promise<string> {
  const { id } = await accept(catalog, { projectId });
  await catalog.placeVolume({ volumeId: id, choose: () => POOL });
  await catalog.completeVolume({ volumeId: id, written: null });
  return id;
}
const makeType = (extraSpecs: Record<string, string> = {}): Promise<VolumeType> =>
  catalog.createVolumeType({ name: randomUUID(), description: null, isPublic: true, extraSpecs });
const retype = (volumeId: string, newType: string, more: Partial<VolumeRetype> = {}): Promise<void> =>
  catalog.retypeVolume({ volumeId, projectId, newType, policy: 'never', reportMaxAgeMs: 60_000, ...more });
const typeOf = async (id: string) => (await catalog.findVolume(id, 'all-projects'))?.volumeTypeId;

describe('retypeVolume', () => {
  it('lets no more volumes have a type than its quota allows, also while others are created of it (H-62, H-85)', async () => {
    const [volumes, { id: typeId }] = [await Promise.all(times(4, makeVolume)), await makeType()];
    const key = typeQuotaKey('volumes', typeId);
    await catalog.setQuota(projectId, { volumes: -1, ofTypes: { [key]: 3 } });
    const asked = volumes.flatMap((id) => [accept(catalog, { projectId, volumeType: typeId }), retype(id, typeId)]);
    expect(await tally(asked)).toEqual({ ok: 3, VolumeLimitExceeded: 5 });
    const { ofTypes } = await catalog.quotaUsage(projectId);
    expect([ofTypes[key], ofTypes[typeQuotaKey('gigabytes', typeId)]]).toEqual([3, 3]);
  });

  it('never gives a volume a type that is deleted, or whose extra specs change, meanwhile', async () => {
    for (const change of [
      (id: string) => catalog.deleteVolumeType(id),
      (id: string) => catalog.editExtraSpecs(id, { set: { volume_backend_name: 'others' } }),
    ]) {
      const [volumeId, { id: typeId }] = [await makeVolume(), await makeType()];
      const [changed, retyped] = await Promise.all([outcomeOf(change(typeId)), outcomeOf(retype(volumeId, typeId))]);
      // One of them comes first, and then the other is refused.
      expect([changed, retyped].filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect((await typeOf(volumeId)) === typeId).toBe(retyped === 'ok');
    }
  });

  it('is for a pool that is up and takes volumes (H-62)', async () => {
    const [volumeId, { id: typeId }] = [await makeVolume(), await makeType()];
    await expect(retype(volumeId, typeId, { reportMaxAgeMs: -1 })).rejects.toThrow(/control@files#pool: it is down/);
    await catalog.reportServices([{ binary: 'cinder-volume', host: 'control@files', availabilityZone: 'nova' }]);
    await catalog.switchBackend({ host: 'control@files', isDisabled: true, reason: null });
    await expect(retype(volumeId, typeId)).rejects.toThrow('its backend is disabled');
    await catalog.switchBackend({ host: 'control@files', isDisabled: false, reason: null });
    await retype(volumeId, typeId);
    expect(await typeOf(volumeId)).toBe(typeId);
  });

  it('is not for a volume that lies on no pool, or on one that never reported', async () => {
    const { id: typeId } = await makeType();
    const { id: nowhere } = await accept(catalog, { projectId });
    await catalog.completeVolume({ volumeId: nowhere, written: null });
    await expect(retype(nowhere, typeId)).rejects.toThrow('where it lies: it lies on no pool.');
    const { id: elsewhere } = await accept(catalog, { projectId });
    await catalog.placeVolume({ volumeId: elsewhere, choose: () => 'gone@files#pool' });
    await catalog.completeVolume({ volumeId: elsewhere, written: null });
    await expect(retype(elsewhere, typeId)).rejects.toThrow('gone@files#pool: no worker serves it.');
  });
});
