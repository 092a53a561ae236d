import { accept, importOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

/** What projects may have and what they have: `cinder quota-*`, `cinder limits`. */
const here = useApi();
const { ask } = here;

const DEFAULTS = {
  volumes: 10,
  per_volume_gigabytes: -1,
  snapshots: 10,
  gigabytes: 1000,
  backups: 10,
  backup_gigabytes: 1000,
  volumes___DEFAULT__: -1,
  gigabytes___DEFAULT__: -1,
  snapshots___DEFAULT__: -1,
  groups: 10,
};

const quotaOf = ({ body }: Answer): unknown => (body as unknown as { quota_set: unknown }).quota_set;
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];
const show = async (query = '') => quotaOf(await ask(`/os-quota-sets/${here.project}${query}`));
const set = (quota_set: unknown) => ask(`/os-quota-sets/${here.project}`, { method: 'PUT', body: { quota_set } });
/** A volume of 3 GiB and a backup of 2 GiB. */
const use = async () => {
  await accept(here.catalog, { projectId: here.project, sizeGib: 3 });
  await here.catalog.importBackup(importOf({ projectId: here.project, sizeGib: 2 }));
};

describe('quota sets (H-85)', () => {
  it('show the limits, and by ?usage what they are used for', async () => {
    await use();
    expect(await show('?usage=False')).toEqual({ ...DEFAULTS, id: here.project });
    expect(await show('?usage=True')).toMatchObject({
      id: here.project,
      volumes: { limit: 10, in_use: 1, reserved: 0 },
      gigabytes: { limit: 1000, in_use: 3, reserved: 0 },
      backups: { limit: 10, in_use: 1, reserved: 0 },
      backup_gigabytes: { limit: 1000, in_use: 2, reserved: 0 },
      volumes___DEFAULT__: { limit: -1, in_use: 1, reserved: 0 },
      gigabytes___DEFAULT__: { limit: -1, in_use: 3, reserved: 0 },
      snapshots: { limit: 10, in_use: 0, reserved: 0 },
    });
  });

  it('are changed limit by limit, and the answer has no id', async () => {
    const answer = await set({ volumes: 5, tenant_id: 'overlooked' });
    expect([answer.status, quotaOf(answer)]).toEqual([200, { ...DEFAULTS, volumes: 5 }]);
    await set({ snapshots: '7', gigabytes___DEFAULT__: 9 });
    expect(await show()).toEqual({
      ...DEFAULTS,
      ...{ volumes: 5, snapshots: 7, gigabytes___DEFAULT__: 9, id: here.project },
    });
  });

  it('hold for the volumes of a type too (S-12, S-13)', async () => {
    await set({ volumes___DEFAULT__: 0 });
    const answer = await ask('/volumes', { body: { volume: { size: 1 } }, version: 71 });
    expect(said(answer)).toEqual([
      413,
      "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes___DEFAULT__'.",
    ]);
  });

  it('go back to the defaults when they are deleted', async () => {
    await set({ volumes: 5, gigabytes___DEFAULT__: 9 });
    expect(said(await ask(`/os-quota-sets/${here.project}`, { method: 'DELETE' }))).toEqual([200, '']);
    expect(await show()).toEqual({ ...DEFAULTS, id: here.project });
    expect(quotaOf(await ask(`/os-quota-sets/${here.project}/defaults`))).toEqual({ ...DEFAULTS, id: here.project });
  });

  it.each([
    [{}, 'Invalid input for field/attribute quota_set. Value: {}. {} does not have enough properties'],
    [[], "Invalid input for field/attribute quota_set. Value: []. [] is not of type 'object'"],
    [{ bad: 1, worse: 2 }, 'Invalid input received: Bad key(s) in quota set: bad, worse'],
    [{ volumes_nope: 1 }, 'Invalid input received: Bad key(s) in quota set: volumes_nope'],
    [{ volumes: 'x' }, 'volumes must be an integer'],
    [{ volumes: null }, 'volumes must be an integer'],
    [{ volumes: 1.5 }, 'volumes must be an integer'],
    [{ volumes: -2 }, 'volumes must be >= -1'],
    [{ volumes: 2_147_483_648 }, 'volumes must be <= 2147483647'],
  ])('are not changed to %j', async (quota, text) => {
    expect(said(await set(quota))).toEqual([400, text]);
    expect(await show()).toEqual({ ...DEFAULTS, id: here.project });
  });

  it('are not set below what is used', async () => {
    await use();
    expect(said(await set({ gigabytes: 2 }))).toEqual([
      400,
      'Quota gigabytes limit must be equal or greater than existing resources. ' +
        'Current usage is 3 and the requested limit is 2.',
    ]);
    expect((await set({ gigabytes: 3, volumes: -1 })).status).toBe(200);
  });
});

describe('the default quota class (H-85)', () => {
  const classOf = ({ body }: Answer): unknown => (body as unknown as { quota_class_set: unknown }).quota_class_set;
  const path = '/os-quota-class-sets/default';

  it('is what projects have that have nothing of their own', async () => {
    expect(classOf(await ask(path))).toEqual({ ...DEFAULTS, id: 'default' });
    const answer = await ask(path, { method: 'PUT', body: { quota_class_set: { backups: 3 } } });
    expect([answer.status, classOf(answer)]).toEqual([200, { ...DEFAULTS, backups: 3 }]);
    await set({ volumes: 4 });
    expect(await show()).toMatchObject({ backups: 3, volumes: 4 });
    await ask(path, { method: 'PUT', body: { quota_class_set: { backups: 10 } } });
  });

  it('is the only one', async () => {
    const answer = await ask('/os-quota-class-sets/gold', { method: 'PUT', body: { quota_class_set: { backups: 3 } } });
    expect(said(answer)).toEqual([400, "Invalid input received: This service knows no quota class but 'default'."]);
  });
});

describe('limits (H-84)', () => {
  it('are those of the caller’s project, with what it uses', async () => {
    await use();
    await set({ volumes: 4 });
    expect((await ask('/limits')).body).toEqual({
      limits: {
        rate: [],
        absolute: {
          maxTotalVolumes: 4,
          maxTotalSnapshots: 10,
          maxTotalVolumeGigabytes: 1000,
          maxTotalBackups: 10,
          maxTotalBackupGigabytes: 1000,
          totalVolumesUsed: 1,
          totalGigabytesUsed: 3,
          totalSnapshotsUsed: 0,
          totalBackupsUsed: 1,
          totalBackupGigabytesUsed: 2,
        },
      },
    });
  });

  it('are those of another project for an administrator, from 3.39 on', async () => {
    await use();
    const other = here.api.caller();
    const used = async (version: number) => (await other.ask(`/limits?project_id=${here.project}`, { version })).text;
    expect(await used(39)).toContain('"totalVolumesUsed":1');
    expect(await used(38)).toContain('"totalVolumesUsed":0');
  });
});
