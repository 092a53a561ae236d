import { randomUUID } from 'node:crypto';
import { accept, completeFromBackup, newProject, poolOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

/** What Terraform asks for when the type of a volume changes, `cinder retype`, and `openstack volume set --type` (H-62). */
const here = useApi();
const { ask } = here;

const POOL = 'control@files#pool';
beforeEach(() => here.catalog.reportPools([poolOf({ name: POOL })]));

const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];
const retype = (id: string, asked: unknown): Promise<Answer> =>
  ask(`/volumes/${id}/action`, { body: { 'os-retype': asked } });
const shown = async (id: string) => (await ask(`/volumes/${id}`)).body.volume;

/** Of 1 GiB, on the pool, and available. */
async function make(): Promise<string> {
  const { id } = await accept(here.catalog, { projectId: here.project });
  await here.catalog.placeVolume({ volumeId: id, choose: () => POOL });
  await here.catalog.completeVolume({ volumeId: id, written: null });
  return id;
}

/** A name that no other test's type has. */
async function makeType(extraSpecs: Record<string, string> = {}, isPublic = true): Promise<string> {
  const name = `type ${randomUUID()}`;
  await here.catalog.createVolumeType({ name, description: null, isPublic, extraSpecs });
  return name;
}

const SAME =
  'Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency ' +
  'group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs cannot change.';

describe('os-retype', () => {
  it('gives a volume another type, by its name or its id, where its pool suits it (H-62)', async () => {
    const id = await make();
    const [name, other] = [await makeType({ volume_backend_name: 'files' }), await makeType()];
    expect(said(await retype(id, { new_type: name }))).toEqual([202, '']);
    expect(await shown(id)).toMatchObject({ status: 'available', volume_type: name });
    const { id: typeId } = (await here.catalog.findVolumeType(other))!;
    expect((await retype(id, { new_type: typeId, migration_policy: 'on-demand' })).status).toBe(202);
    expect(await shown(id)).toMatchObject({ status: 'available', volume_type: other });
  });

  it('also changes one that is in use, and leaves it so (H-62)', async () => {
    const id = await make();
    await here.catalog.attachVolume(id, { serverId: null, hostName: 'host', device: '/dev/vdb', mode: 'rw' });
    const name = await makeType();
    expect((await retype(id, { new_type: name })).status).toBe(202);
    expect(await shown(id)).toMatchObject({ status: 'in-use', volume_type: name });
  });

  it('refuses the type that the volume has, and a volume that is neither available nor in use (H-62)', async () => {
    const id = await make();
    expect(said(await retype(id, { new_type: '__DEFAULT__' }))).toEqual([400, SAME]);
    const { id: creating } = await accept(here.catalog, { projectId: here.project });
    expect(said(await retype(creating, { new_type: await makeType() }))).toEqual([400, SAME]);
  });

  it('finds neither types nor volumes that there are not (H-62, H-36)', async () => {
    const id = await make();
    const unknown = randomUUID();
    expect(said(await retype(id, { new_type: 'nope' }))).toEqual([
      404,
      'Volume type with name nope could not be found.',
    ]);
    expect(said(await retype(id, { new_type: unknown }))).toEqual([404, `Volume type ${unknown} could not be found.`]);
    expect(said(await retype(id, { new_type: '' }))).toEqual([404, 'Volume type with name  could not be found.']);
    const { id: ofAnother } = await completeFromBackup(here.catalog, {}, { projectId: newProject() });
    for (const absent of ['nope', unknown]) {
      expect(said(await retype(absent, { new_type: 'nope' }))).toEqual([404, `Volume ${absent} could not be found.`]);
    }
    // In noauth everybody is an administrator, who may change any.
    expect((await retype(ofAnother, { new_type: 'nope' })).status).toBe(404);
  });

  it.each([
    ['never', "which migration_policy 'never' forbids."],
    ['on-demand', 'which this service does not do.'],
  ])(
    'leaves a volume as it is whose pool does not suit the type, with the policy %s (H-62, S-51)',
    async (policy, why) => {
      const id = await make();
      const name = await makeType({ volume_backend_name: 'others' });
      const text =
        `Invalid volume: Volume ${id} can't be of type ${name} where it lies: ${POOL}: its volume_backend_name is 'files', ` +
        `not 'others'. Its data would have to be moved, ${why}`;
      expect(said(await retype(id, { new_type: name, migration_policy: policy }))).toEqual([400, text]);
      expect(await shown(id)).toMatchObject({ status: 'available', volume_type: '__DEFAULT__' });
    },
  );

  it('refuses a type that is not for the zone or the size of the volume (H-62, S-3, S-8)', async () => {
    const id = await make();
    const elsewhere = await makeType({ 'RESKEY:availability_zones': 'a, b' });
    expect(messageOf(await retype(id, { new_type: elsewhere }))).toContain(
      `${POOL}: it is in zone 'nova', and the type only in 'a', 'b'. Its data`,
    );
    const large = await makeType({ 'provisioning:min_vol_size': '2' });
    expect(said(await retype(id, { new_type: large }))).toEqual([
      400,
      `Invalid input received: Specified volume size of '1' is less than the minimum required size of '2' for volume type '${large}'.`,
    ]);
  });

  it('refuses a volume in use a type by which it could be attached several times (H-62)', async () => {
    const id = await make();
    await here.catalog.attachVolume(id, { serverId: null, hostName: 'host', device: '/dev/vdb', mode: 'rw' });
    const text =
      'Invalid input received: Invalid volume_type passed, retypes affecting multiattach are only allowed on available volumes, ' +
      'the specified volume however currently has a status of: in-use.';
    expect(said(await retype(id, { new_type: await makeType({ multiattach: '<is> True' }) }))).toEqual([400, text]);
  });

  it('takes quota of the new type, and of no more volumes than there are (H-62, H-85)', async () => {
    const id = await make();
    const name = await makeType();
    const put = (quota: object) =>
      ask(`/os-quota-sets/${here.project}`, {
        method: 'PUT',
        body: { quota_set: { volumes: 1, gigabytes: 1, ...quota } },
      });
    await put({ [`gigabytes_${name}`]: 0 });
    expect(said(await retype(id, { new_type: name }))).toEqual([
      413,
      `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_${name} quota. ` +
        'Requested 1G, quota is 0G and 0G has been consumed.',
    ]);
    await put({ [`gigabytes_${name}`]: 1, [`volumes_${name}`]: 0 });
    expect(said(await retype(id, { new_type: name }))).toEqual([
      413,
      `VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes_${name}'.`,
    ]);
    await put({ [`volumes_${name}`]: 1 });
    expect((await retype(id, { new_type: name })).status).toBe(202);
    const { body } = await ask(`/os-quota-sets/${here.project}?usage=true`);
    expect(body).toMatchObject({
      quota_set: { volumes: { in_use: 1 }, [`volumes_${name}`]: { in_use: 1 }, volumes___DEFAULT__: { in_use: 0 } },
    });
  });

  it.each([
    [{}, "'new_type' is a required property"],
    [null, "None is not of type 'object'"],
    [{ new_type: null }, "None is not of type 'string'"],
    [{ new_type: 'a', migration_policy: 'always' }, "'always' is not one of ['on-demand', 'never']"],
    [{ new_type: 'a', migration_policy: null }, "None is not one of ['on-demand', 'never']"],
    [{ new_type: 'a', migration_policy: 5 }, "5 is not of type 'string', 'null'"],
    [{ new_type: 'a', host: 'b' }, "Additional properties are not allowed ('host' was unexpected)"],
  ])('refuses %j (H-62, H-33)', async (asked, text) => {
    expect(said(await retype(await make(), asked))).toEqual([400, expect.stringContaining(text)]);
  });
});
