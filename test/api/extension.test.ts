import { randomUUID } from 'node:crypto';
import { accept, poolOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

/** A volume of 2 GiB that is available, on a pool of 100 GiB. */
async function make(): Promise<string> {
  const { catalog } = here;
  const pool = poolOf();
  await catalog.reportPools([pool]);
  const { id } = await accept(catalog, { projectId: here.project, sizeGib: 2 });
  await catalog.placeVolume({ volumeId: id, choose: () => pool.name });
  await catalog.completeVolume({ volumeId: id, written: null });
  return id;
}
const extend = (id: string, asked: unknown, version = 71): Promise<Answer> =>
  ask(`/volumes/${id}/action`, { body: { 'os-extend': asked }, version });
const shown = async (id: string) => (await ask(`/volumes/${id}`, { version: 71 })).body.volume;
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];

describe('os-extend', () => {
  it.each([3, '3'])(
    'is accepted by an empty 202: to %j, of a volume that shows its old size until then (H-62)',
    async (size) => {
      const id = await make();
      expect(said(await extend(id, { new_size: size }, 0))).toEqual([202, '']);
      expect(await shown(id)).toMatchObject({ status: 'extending', size: 2 });
      expect((await here.catalog.findVolume(id, 'all-projects'))?.extension?.newSizeGib).toBe(3);
    },
  );

  it.each([
    [
      { new_size: 1 },
      /^Invalid input received: New size for extend must be greater than current size\. \(current: 2, extended: 1\)\.$/,
    ],
    [{ new_size: 2 }, /\(current: 2, extended: 2\)\.$/],
    [{ new_size: 500 }, /can't be extended: control@files#pool: it has room for \d+ GiB, not for 498 GiB\.$/],
    [{ new_size: 0 }, /^Invalid input for field\/attribute new_size\. Value: 0\. 0 is less than the minimum of 1$/],
    [{ new_size: -1 }, /-1 is less than the minimum of 1$/],
    [{ new_size: '' }, /'' does not match '\^\[0-9\]\+\$'$/],
    [{ new_size: 'x' }, /'x' does not match '\^\[0-9\]\+\$'$/],
    [{ new_size: 2.5 }, /2\.5 is not of type 'integer', 'string'$/],
    [{ new_size: null }, /None is not of type 'integer', 'string'$/],
    [{ new_size: true }, /True is not of type 'integer', 'string'$/],
    [{ new_size: 2_147_483_648 }, /2147483648 is greater than the maximum of 2147483647$/],
    [{}, /'new_size' is a required property$/],
    [{ new_size: 3, x: 1 }, /'x' was unexpected/],
    [null, /None is not of type 'object'$/],
    [[], /\[\] is not of type 'object'$/],
  ])('refuses %j by 400, and changes nothing (H-33, H-62)', async (asked, message) => {
    const id = await make();
    const answer = await extend(id, asked);
    expect([answer.status, answer.body.badRequest.code]).toEqual([400, 400]);
    expect(messageOf(answer)).toMatch(message);
    expect(await shown(id)).toMatchObject({ status: 'available', size: 2 });
  });

  it.each(['maintenance', 'error', 'error_extending', 'attaching', 'creating'])(
    "refuses a volume that is %s, in Cinder's words (H-62)",
    async (status) => {
      const id = await make();
      await ask(`/volumes/${id}/action`, { body: { 'os-reset_status': { status } } });
      expect(said(await extend(id, { new_size: 3 }))).toEqual([
        400,
        `Invalid volume: Volume ${id} status must be '{'status': 'available'}' to extend, currently ${status}.`,
      ]);
    },
  );

  it.each([41, 42, 71])(
    'refuses a volume that is in use, at 3.%i: nothing here extends it meanwhile (H-62)',
    async (version) => {
      const id = await make();
      await ask(`/volumes/${id}/action`, { body: { 'os-attach': { host_name: 'h', mountpoint: '/x' } } });
      expect(messageOf(await extend(id, { new_size: 3 }, version))).toMatch(/to extend, currently in-use\.$/);
      expect(await shown(id)).toMatchObject({ status: 'in-use', size: 2 });
    },
  );

  it('is refused by 413 beyond a limit, as Cinder says it (H-21, S-11, S-12)', async () => {
    const id = await make();
    await here.catalog.setQuota(here.project, { gigabytes: 4 });
    const beyond = await extend(id, { new_size: 5 });
    expect([beyond.status, beyond.body.overLimit.message]).toEqual([
      413,
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
        'Requested 3G, quota is 4G and 2G has been consumed.',
    ]);
    await here.catalog.setQuota(here.project, { perVolumeGigabytes: 3 });
    const tooLarge = await extend(id, { new_size: 4 });
    expect([tooLarge.status, tooLarge.body.overLimit.message]).toEqual([
      413,
      'VolumeSizeExceedsLimit: Requested volume size 4G is larger than maximum allowed limit 3G.',
    ]);
    expect((await extend(id, { new_size: 3 })).status).toBe(202);
  });

  it('of what nobody knows is a 404 (H-32)', async () => {
    const unknown = randomUUID();
    expect(said(await extend(unknown, { new_size: 3 }))).toEqual([404, `Volume ${unknown} could not be found.`]);
  });

  it('that goes on keeps the volume from being deleted or reset; it counts as its new size, and is found by its status (H-57, H-60)', async () => {
    const id = await make();
    await extend(id, { new_size: 4 });
    expect((await ask(`/volumes/${id}`, { method: 'DELETE' })).status).toBe(400);
    const reset = await ask(`/volumes/${id}/action`, { body: { 'os-reset_status': { status: 'error' } } });
    expect(said(reset)).toEqual([
      400,
      expect.stringMatching(/is being extended\. Wait for its end, or cancel its workflow\.$/),
    ]);
    const listed = await ask('/volumes/detail?status=extending');
    expect(listed.body.volumes).toMatchObject([{ id, size: 2 }]);
    expect((await ask('/limits')).body).toMatchObject({ limits: { absolute: { totalGigabytesUsed: 4 } } });
  });
});
