import { accept, acceptFromBackup, completeFromBackup, newProject, poolOf, REASON, RUN } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import { useApi } from './support/use-api';

const here = useApi();
const { ask } = here;

/** Volumes of these names, the last one the newest. */
const make = async (...names: string[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const name of names) ids.push((await accept(here.catalog, { projectId: here.project, name })).id);
  return ids;
};
const names = async (path: string, version = 71): Promise<unknown> => {
  const answer = await ask(path, { version });
  return answer.status === 200 ? answer.body.volumes.map(({ name }) => name) : [answer.status, messageOf(answer)];
};

describe('GET /volumes/{id}', () => {
  it('adds what extensions add (H-45)', async () => {
    const [id] = await make('a');
    const { volume } = (await ask(`/volumes/${id}`, { version: 71 })).body;
    expect(Object.entries(volume).slice(-4)).toEqual([
      ['os-vol-tenant-attr:tenant_id', here.project],
      ['os-vol-mig-status-attr:migstat', null],
      ['os-vol-mig-status-attr:name_id', null],
      ['os-vol-host-attr:host', null],
    ]);
  });

  it('shows where a volume lies (H-45)', async () => {
    const [id] = await make('a');
    await here.catalog.reportPools([poolOf()]);
    await here.catalog.placeVolume({ volumeId: id!, choose: () => 'control@files#pool' });
    expect((await ask(`/volumes/${id}`)).body.volume['os-vol-host-attr:host']).toBe('control@files#pool');
  });

  it('shows the image metadata of a volume that has some, and only here and in detailed lists (H-45, H-39)', async () => {
    const imageMetadata = { min_disk: '1', os_distro: 'debian' };
    const { id } = await completeFromBackup(
      here.catalog,
      { imageMetadata, bootable: true },
      { projectId: here.project },
    );
    await make('plain');
    const { volume } = (await ask(`/volumes/${id}`)).body;
    expect(volume).toMatchObject({ volume_image_metadata: imageMetadata, bootable: 'true' });
    const listed = (await ask('/volumes/detail?sort=created_at:asc')).body.volumes;
    expect(listed.map((each) => each['volume_image_metadata'])).toEqual([imageMetadata, undefined]);
  });

  it('says nothing of an error or of progress, nor of a backup that there is none of (H-47, H-151)', async () => {
    const [plain] = await make('plain');
    const { volume } = await acceptFromBackup(here.catalog, { projectId: here.project });
    const failed = volume.id;
    await here.catalog.failVolume({ volumeId: failed, runId: RUN, reason: REASON });
    const keysOf = async (id: string) => Object.keys((await ask(`/volumes/${id}`, { version: 71 })).body.volume);
    expect(await keysOf(plain!)).not.toContain('backup_id');
    const [ofFailed, ofPlain] = [await keysOf(failed), await keysOf(plain!)];
    expect(ofFailed.filter((key) => !ofPlain.includes(key))).toEqual(['backup_id']);
  });

  it('does not find what does not exist (H-50)', async () => {
    const answer = await ask('/volumes/nope');
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ itemNotFound: { code: 404, message: 'Volume nope could not be found.' } });
  });
});

describe('GET /volumes', () => {
  it('lists the caller’s volumes, newest first, without details (H-50, H-52)', async () => {
    const [a, b] = await make('a', 'b');
    const answer = await ask('/volumes');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      volumes: [b, a].map((id, index) => ({
        id,
        name: ['b', 'a'][index],
        links: [
          { rel: 'self', href: `${here.api.url}/v3/${here.project}/volumes/${id}` },
          { rel: 'bookmark', href: `${here.api.url}/${here.project}/volumes/${id}` },
        ],
      })),
    });
  });

  it('lists with details what a volume shows alone (H-50)', async () => {
    const [id] = await make('a');
    const list = await ask('/volumes/detail', { version: 71 });
    const shown = await ask(`/volumes/${id}`, { version: 71 });
    expect(list.body.volumes).toEqual([shown.body.volume]);
  });

  it('pages by limit and marker, with a link while pages are full (H-51, H-115)', async () => {
    const ids = await make('a', 'b', 'c');
    const first = await ask('/volumes?sort=name:asc&limit=2&with_count=true', { version: 45 });
    expect(first.body.volumes.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(first.body.count).toBe(3);
    const { rel, href } = first.body.volumes_links[0]!;
    expect(rel).toBe('next');
    expect(href).toBe(
      `${here.api.url}/v3/${here.project}/volumes?sort=name%3Aasc&limit=2&with_count=true&marker=${ids[1]}`,
    );
    const path = href.slice(`${here.api.url}/v3/${here.project}`.length);
    const second = await ask(path, { version: 45 });
    expect(second.body.volumes.map(({ name }) => name)).toEqual(['c']);
    expect(second.body.volumes_links).toBeUndefined();
  });

  it('links to the next page even if nothing follows, and to details from details (H-51)', async () => {
    await make('a');
    const answer = await ask('/volumes/detail?limit=1');
    expect(answer.body.volumes_links[0]?.href).toContain('/volumes/detail?limit=1&marker=');
    expect(answer.body.count).toBeUndefined();
  });

  it.each([
    ['limit=0', []],
    ['limit=5000', ['b', 'a']],
    ['offset=1', ['a']],
    ['limit=-1', [400, 'limit param must be positive']],
    ['limit=x', [400, 'limit param must be an integer']],
    ['limit=1e3', [400, 'limit param must be an integer']],
    ['offset=x', [400, 'offset must be an integer']],
    ['offset=-1', [400, 'offset must be >= 0']],
    ['offset=99999999999999999999', [400, 'offset must be <= 2147483647']],
    ['marker=nope', [404, 'Volume nope could not be found.']],
    ['sort=name', ['b', 'a']],
    ['sort=name:asc,id:desc', ['a', 'b']],
    ['sort_key=name&sort_dir=asc', ['a', 'b']],
    ['sort=nope', [400, 'Invalid input received: Invalid sort key']],
    ['sort=__proto__', [400, 'Invalid input received: Invalid sort key']],
    ['sort=name:up', [400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'."]],
    [
      'sort=name&sort_key=id',
      [400, "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter."],
    ],
    ['with_count=x', [400, "Value 'x' for 'with_count' is not a boolean."]],
    ['all_tenants=x', [400, "Value 'x' for 'all_tenants' is not a boolean."]],
  ])('takes ?%s for what Cinder takes it (H-51, H-52, H-53, H-55)', async (query, expected) => {
    await make('a', 'b');
    expect(await names(`/volumes?${query}`)).toEqual(expected);
  });

  it.each([
    ['name=a', ['a']],
    ['status=creating', ['b', 'a']],
    ['status=error', []],
    ['size=1&availability_zone=nova', ['b', 'a']],
    ['size=x', []],
    ['bootable=true', []],
    ['bootable=False', ['b', 'a']],
    ['bootable=xx', [400, "Invalid input received: 'bootable = xx'"]],
    ["metadata={'k': 'v'}", []],
    ['metadata=x', []],
    ['consumes_quota=true', ['b', 'a']],
    ['group_id=x', []],
    ['foo=bar', []],
    ['__proto__=x', []],
    ['name~=A', ['a']],
    ['name~=%25', []],
    ['name~=_', []],
    ["name~=' or 1=1 --", []],
    ['created_at=gt:2020-01-01', ['b', 'a']],
    ['created_at=gte:2020-01-01T00:00:00Z,lt:2021-01-01T00:00:00.5%2B02:00', []],
    ['updated_at=neq:2020-01-01', []],
    ['created_at=2020-01-01', [400, 'Invalid 2020-01-01 operator']],
    ['created_at=gt', [400, 'Invalid created_at value']],
    ['created_at=gt:never', [400, 'Invalid never value']],
    ['created_at=gt:2020-99-01', [400, 'Invalid 2020-99-01 value']],
    ['all_tenants=0', ['b', 'a']],
    ['cascade=False', []],
  ])('filters by ?%s (H-54, H-55)', async (query, expected) => {
    await make('a', 'b');
    expect(await names(`/volumes/detail?${query}`)).toEqual(expected);
  });

  it.each([
    ['name~=a', 33, []],
    ['created_at=gt:2999-01-01', 59, ['b', 'a']],
    ['group_id=x', 9, ['b', 'a']],
    ['consumes_quota=false', 64, ['b', 'a']],
    ['bootable=xx', 1, []],
    ['bootable=false', 1, ['b', 'a']],
  ])('reads ?%s at 3.%i as Cinder did then (H-54, H-55)', async (query, version, expected) => {
    await make('a', 'b');
    expect(await names(`/volumes?${query}`, version)).toEqual(expected);
  });

  it('sorts by what clients sort by (H-52)', async () => {
    const { id } = await completeFromBackup(
      here.catalog,
      { bootable: true },
      { projectId: here.project, name: 'boot' },
    );
    await make('a');
    expect((await ask('/volumes?sort=bootable:desc')).body.volumes[0]?.id).toBe(id);
    expect(await names('/volumes?sort=status:desc,availability_zone,size:asc,updated_at')).toEqual(['a', 'boot']);
  });

  it('finds a volume by its metadata in Python’s notation (H-55)', async () => {
    await accept(here.catalog, { projectId: here.project, name: 'm', metadata: { k: "it's", l: '"' } });
    await make('a');
    expect(await names(`/volumes?metadata=${encodeURIComponent(`{'l': '"', "k": "it's"}`)}`)).toEqual(['m']);
  });

  it('shows all projects only to who asks, or the one he asks for (H-3, H-55)', async () => {
    const other = newProject();
    const { id } = await accept(here.catalog, { projectId: other, name: 'theirs' });
    expect(await names('/volumes')).toEqual([]);
    const all = await ask('/volumes?all_tenants=True');
    expect(all.body.volumes.map(({ id: found }) => found)).toContain(id);
    expect(await names(`/volumes?all_tenants=1&project_id=${other}`)).toEqual(['theirs']);
    expect((await ask(`/volumes/${id}`)).status).toBe(200);
  });
});

describe('POST /volumes/{id}/action', () => {
  const act = (id: string | undefined, body: unknown) => ask(`/volumes/${id}/action`, { body });

  it.each([null, {}])('shows image metadata by os-show_image_metadata %j (H-62)', async (argument) => {
    const imageMetadata = { os_distro: 'debian' };
    const { id } = await completeFromBackup(here.catalog, { imageMetadata }, { projectId: here.project });
    const answer = await act(id, { 'os-show_image_metadata': argument });
    expect([answer.status, answer.body]).toEqual([200, { metadata: imageMetadata }]);
  });

  it('finds none where there is none (H-62)', async () => {
    const [id] = await make('a');
    const answer = await act(id, { 'os-show_image_metadata': null });
    const message = `Glance metadata for volume/snapshot ${id} cannot be found.`;
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, message]);
  });

  it.each([
    [{}, 'Malformed request body'],
    [[], 'Malformed request body'],
    [null, 'Malformed request body'],
    [{ 'os-show_image_metadata': null, 'os-extend': null }, 'Malformed request body'],
    [{ nope: {} }, 'There is no such action: nope. Verify the request body and Content-Type header and try again.'],
    [
      JSON.parse('{"__proto__": {}}') as object,
      'There is no such action: __proto__. Verify the request body and Content-Type header and try again.',
    ],
    [
      { 'os-show_image_metadata': 'x' },
      "Invalid input for field/attribute os-show_image_metadata. Value: x. 'x' is not of type 'object', 'null'",
    ],
  ])('refuses %j (H-6)', async (body, message) => {
    const [id] = await make('a');
    const answer = await act(id, body);
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, message]);
  });

  it('does not find what does not exist (H-50)', async () => {
    const answer = await act('nope', { 'os-show_image_metadata': null });
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, 'Volume nope could not be found.']);
  });
});

describe('POST /volumes/{id}/action rekindle-retry', () => {
  const retry = (id: string, argument: unknown = {}) =>
    ask(`/volumes/${id}/action`, { body: { 'rekindle-retry': argument } });
  const failed = async () => {
    const made = await acceptFromBackup(here.catalog, { projectId: here.project });
    await here.catalog.failVolume({ volumeId: made.volume.id, runId: RUN, reason: REASON });
    return { id: made.volume.id, backupId: made.backupId };
  };

  it.each([{}, null])('has a failed volume made after all, its backup locked: an empty 202 (%j)', async (argument) => {
    const { id, backupId } = await failed();
    const answer = await retry(id, argument);
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('creating');
    expect((await ask(`/backups/${backupId}`)).body.backup.status).toBe('restoring');
  });

  it.each(['available', 'deleting'])('refuses a volume that is %s, and says which may be retried', async (status) => {
    const { id } = await failed();
    await here.api.database.query('update volumes set status = $2 where id = $1', [id, status]);
    const answer = await retry(id);
    const message = `Invalid volume: Volume ${id} status must be error to retry its creation, but it is ${status}.`;
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, message]);
  });

  it('refuses an empty volume, and says what to do', async () => {
    const { id } = await accept(here.catalog, { projectId: here.project });
    await here.catalog.failVolume({ volumeId: id, runId: RUN, reason: REASON });
    const answer = await retry(id);
    expect(answer.status).toBe(400);
    expect(answer.body.badRequest.message).toContain('Delete it and create it again.');
  });

  it("says in Cinder's words that the backup isn't available (S-5)", async () => {
    const { id, backupId } = await failed();
    await here.api.database.query("update backups set status = 'restoring' where id = $1", [backupId]);
    const answer = await retry(id);
    const message = "Invalid backup: Originating backup status must be one of 'available' values";
    expect([answer.status, answer.body.badRequest.message]).toEqual([400, message]);
    expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('error');
  });

  it('does not find what does not exist', async () => {
    const answer = await retry('nope');
    expect([answer.status, messageOf(answer)]).toEqual([404, 'Volume nope could not be found.']);
  });

  it('takes no argument but an object', async () => {
    const { id } = await failed();
    expect((await retry(id, 'now')).status).toBe(400);
  });
});

describe('DELETE /volumes/{id}', () => {
  it('accepts by an empty 202; then the volume is deleting, then gone (H-7, H-56, H-57)', async () => {
    const [id] = await make('a');
    const answer = await ask(`/volumes/${id}?cascade=False&force=False`, { method: 'DELETE', version: 71 });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.headers.get('content-length')).toBe('0');
    expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('deleting');
    await here.catalog.finishDeletion(id!);
    expect((await ask(`/volumes/${id}`)).status).toBe(404);
  });

  it('does not find what does not exist (H-57)', async () => {
    const answer = await ask('/volumes/nope', { method: 'DELETE' });
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, 'Volume nope could not be found.']);
  });

  it('minds its parameters (H-57)', async () => {
    const [id] = await make('a');
    const answer = await ask(`/volumes/${id}?cascade=maybe`, { method: 'DELETE' });
    expect(answer.body.badRequest.message).toBe("Value 'maybe' for 'cascade' is not a boolean.");
    expect((await ask(`/volumes/${id}`)).body.volume.status).toBe('creating');
  });
});
