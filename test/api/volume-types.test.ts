import { accept, completeFromBackup } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer } from './support/running-api';
import { useApi } from './support/use-api';

/** What an administrator does with volume types: `cinder type-*`. */
const here = useApi();
const { ask } = here;

const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];
const create = (volume_type: unknown) => ask('/types', { body: { volume_type } });
const make = async (name: string, extra_specs: Record<string, string> = {}): Promise<string> =>
  (await create({ name, extra_specs })).body.volume_type.id;
const inUse = async (typeId: string) => accept(here.catalog, { projectId: here.project, volumeType: typeId });

describe('POST /types', () => {
  it('makes a type, public unless told otherwise (H-80)', async () => {
    const answer = await create({ name: 'quick', description: 'd', extra_specs: { a: 'b' } });
    expect([answer.status, answer.body.volume_type]).toEqual([
      200,
      {
        id: expect.any(String),
        name: 'quick',
        is_public: true,
        description: 'd',
        extra_specs: { a: 'b' },
        'os-volume-type-access:is_public': true,
      },
    ]);
    const secret = (await create({ name: 'secret', 'os-volume-type-access:is_public': 'False' })).body.volume_type;
    expect(secret['is_public']).toBe(false);
  });

  it.each([
    [{}, 400, "Invalid input for field/attribute volume_type. Value: {}. 'name' is a required property"],
    [{ name: '' }, 400, "Invalid input for field/attribute name. Value: . '' is too short"],
    [{ name: ' ' }, 400, "An invalid 'name' value was provided. The 'name' can not be empty."],
    [{ name: 5 }, 400, "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string'"],
    [
      { name: 'n', extra_specs: { a: 1 } },
      400,
      "Invalid input for field/attribute a. Value: 1. 1 is not of type 'string'",
    ],
    [{ name: '__DEFAULT__' }, 409, 'Volume Type __DEFAULT__ already exists.'],
  ])('refuses %j', async (volumeType, status, text) => {
    expect(said(await create(volumeType))).toEqual([status, text]);
  });
});

describe('PUT /types/{id}', () => {
  const put = (id: string, volume_type: unknown) => ask(`/types/${id}`, { method: 'PUT', body: { volume_type } });

  it('changes what is named', async () => {
    const id = await make('before');
    expect((await put(id, { name: 'after', is_public: false })).body.volume_type).toMatchObject({
      name: 'after',
      is_public: false,
      description: null,
    });
    expect((await put(id, { description: 'd', name: null })).body.volume_type).toMatchObject({
      name: 'after',
      description: 'd',
    });
  });

  it('refuses nothing, a name that is taken, and a type that is not there', async () => {
    const id = await make('kept');
    expect(said(await put(id, {}))).toEqual([
      400,
      'Specify volume type name, description, is_public or a combination thereof.',
    ]);
    expect(said(await put(id, { name: '  ' }))).toEqual([400, 'Volume type name can not be empty.']);
    expect(said(await put(id, { name: '__DEFAULT__' }))).toEqual([409, 'Volume Type __DEFAULT__ already exists.']);
    expect(said(await put('nope', { name: 'n' }))).toEqual([404, 'Volume type nope could not be found.']);
  });
});

describe('DELETE /types/{id}', () => {
  const remove = (id: string) => ask(`/types/${id}`, { method: 'DELETE' });

  it('removes a type whose volumes are gone, and its name is free', async () => {
    const id = await make('passing');
    const volume = await inUse(id);
    await here.catalog.beginDeletion(volume.id, 'some-run');
    expect(said(await remove(id))).toEqual([400, 'Target volume type is still in use.']);
    await here.catalog.finishDeletion(volume.id);
    expect(said(await remove(id))).toEqual([202, '']);
    expect(said(await ask(`/types/${id}`))).toEqual([404, `Volume type ${id} could not be found.`]);
    expect(said(await remove(id))).toEqual([404, `Volume type ${id} could not be found.`]);
    expect(await make('passing')).not.toBe(id);
  });

  it('refuses to remove the default type, and what is a project’s default', async () => {
    const { id } = (await ask('/types/default')).body.volume_type;
    expect(said(await remove(id))).toEqual([
      400,
      `The volume type ${id} is a default volume type and cannot be deleted.`,
    ]);
    const own = await make('own');
    await here.catalog.setDefaultType(here.project, own);
    expect(said(await remove(own))).toEqual([
      400,
      `The volume type ${own} is a default volume type and cannot be deleted.`,
    ]);
  });
});

describe('a private type', () => {
  const PROJECT = 'a'.repeat(32);
  const act = (id: string, action: unknown) => ask(`/types/${id}/action`, { body: action });
  const add = (id: string, project: unknown = PROJECT) => act(id, { addProjectAccess: { project } });
  const remove = (id: string) => act(id, { removeProjectAccess: { project: PROJECT } });
  const access = async (id: string) => (await ask(`/types/${id}/os-volume-type-access`)).body;
  const makePrivate = async (name: string): Promise<string> =>
    (await create({ name, 'os-volume-type-access:is_public': false })).body.volume_type.id;

  it('is opened to projects one by one, and closed again', async () => {
    const id = await makePrivate('ours alone');
    expect(await access(id)).toEqual({ volume_type_access: [] });
    expect(said(await add(id))).toEqual([202, '']);
    expect(await access(id)).toEqual({ volume_type_access: [{ volume_type_id: id, project_id: PROJECT }] });
    expect(said(await add(id))).toEqual([409, `Volume type access for ${id} / ${PROJECT} combination already exists.`]);
    expect(said(await remove(id))).toEqual([202, '']);
    expect(said(await remove(id))).toEqual([404, `Volume type access not found for ${id} / ${PROJECT} combination.`]);
    expect(await access(id)).toEqual({ volume_type_access: [] });
  });

  it('can be deleted while it is open to somebody', async () => {
    const id = await makePrivate('passing secret');
    await add(id);
    expect(said(await ask(`/types/${id}`, { method: 'DELETE' }))).toEqual([202, '']);
  });

  it('is what has such a list, and no public type', async () => {
    const id = await make('public');
    const text = 'Invalid volume type: Type access modification is not applicable to public volume type.';
    expect([said(await add(id)), said(await remove(id))]).toEqual([
      [400, text],
      [400, text],
    ]);
    expect(said(await ask(`/types/${id}/os-volume-type-access`))).toEqual([
      404,
      'Access list not available for public volume types.',
    ]);
    expect(said(await add('nope'))).toEqual([404, 'Volume type nope could not be found.']);
  });

  it.each([
    [
      { addProjectAccess: {} },
      "Invalid input for field/attribute addProjectAccess. Value: {}. 'project' is a required",
    ],
    [{ addProjectAccess: { project: '' } }, "Invalid input for field/attribute project. Value: . '' is too short"],
    [{ removeProjectAccess: { project: 5 } }, 'Invalid input for field/attribute project. Value: 5. 5 is not of type'],
    [{ removeProjectAccess: null }, 'Invalid input for field/attribute removeProjectAccess. Value: None. None is not'],
    [{ addProjectAccess: { project: 'p', more: 1 } }, 'Additional properties are not allowed'],
  ])('takes a project by its id: refuses %j', async (action, text) => {
    const answer = await act(await makePrivate(`of ${JSON.stringify(action)}`), action);
    expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining(text)]);
  });
});

describe('/types/{id}/extra_specs', () => {
  it('are listed, merged, shown, replaced and removed one by one', async () => {
    const id = await make('specs', { a: '1' });
    const path = `/types/${id}/extra_specs`;
    expect((await ask(path)).body).toEqual({ extra_specs: { a: '1' } });
    expect((await ask(path, { body: { extra_specs: { b: '2' } } })).body).toEqual({ extra_specs: { b: '2' } });
    expect((await ask(`${path}/b`)).body).toEqual({ b: '2' });
    expect((await ask(`${path}/b`, { method: 'PUT', body: { b: '3' } })).body).toEqual({ b: '3' });
    expect(said(await ask(`${path}/a`, { method: 'DELETE' }))).toEqual([202, '']);
    expect((await ask(path)).body).toEqual({ extra_specs: { b: '3' } });
  });

  it('refuse what Cinder refuses', async () => {
    const id = await make('strict', { a: '1' });
    const path = `/types/${id}/extra_specs`;
    const none = [404, `Volume Type ${id} has no extra specs with key z.`];
    expect(said(await ask(`${path}/z`))).toEqual(none);
    expect(said(await ask(`${path}/z`, { method: 'DELETE' }))).toEqual(none);
    expect(said(await ask(`${path}/z`, { method: 'PUT', body: { a: '1' } }))).toEqual([
      400,
      'Request body and URI mismatch',
    ]);
    expect(said(await ask(path, { body: { extra_specs: { 'with space': 'x' } } }))).toEqual([
      400,
      "Invalid input for field/attribute extra_specs. Value: {'with space': 'x'}. " +
        "'with space' does not match any of the regexes: '^[a-zA-Z0-9-_:.]{1,255}$'",
    ]);
    await inUse(id);
    expect(said(await ask(path, { body: { extra_specs: { b: '2' } } }))).toEqual([
      400,
      'Volume Type is currently in use.',
    ]);
    expect(said(await ask('/types/nope/extra_specs'))).toEqual([404, 'Volume type nope could not be found.']);
  });
});

describe('/default-types (S-9)', () => {
  const asked = (method: 'GET' | 'PUT' | 'DELETE' = 'GET', body?: unknown) =>
    here.api.fetch(`/v3/default-types/${here.project}`, {
      ...{ method, body, version: 62, headers: { 'X-Auth-Token': `user:${here.project}` } },
    });

  it('give a project’s volumes their type when they name none', async () => {
    const id = await make('ours');
    const view = { project_id: here.project, volume_type_id: id };
    expect(said(await asked())).toEqual([404, `Default type for project ${here.project} not found.`]);
    expect((await asked('PUT', { default_type: { volume_type: 'ours' } })).body).toEqual({ default_type: view });
    expect((await asked()).body).toEqual({ default_type: view });
    expect((await ask('/default-types', { version: 62 })).body).toMatchObject({
      default_types: expect.arrayContaining([view]),
    });
    expect((await ask('/types/default')).body.volume_type.name).toBe('ours');
    const { volume } = (await ask('/volumes', { body: { volume: { size: 1 } } })).body;
    expect(volume['volume_type']).toBe('ours');
    expect(said(await asked('DELETE'))).toEqual([204, '']);
    expect((await ask('/types/default')).body.volume_type.name).toBe('__DEFAULT__');
  });

  it('are no types that are not there', async () => {
    expect(said(await asked('PUT', { default_type: { volume_type: 'nope' } }))).toEqual([
      400,
      'Volume type nope could not be found.',
    ]);
  });
});

it('a volume keeps the type that it was made of, whatever becomes of others', async () => {
  const volume = await completeFromBackup(
    here.catalog,
    {},
    { projectId: here.project, volumeType: await make('first') },
  );
  await ask(`/types/${volume.volumeTypeId}`, { method: 'PUT', body: { volume_type: { name: 'renamed' } } });
  expect((await ask(`/volumes/${volume.id}`, { version: 71 })).body.volume['volume_type']).toBe('renamed');
});

it('types are encrypted nowhere (S-10)', async () => {
  const id = await make('plain');
  expect((await ask(`/types/${id}/encryption`)).body).toEqual({});
  expect(said(await ask(`/types/${id}/encryption`, { body: { encryption: {} } }))).toEqual([
    400,
    'Invalid input received: This service knows no encrypted volume types.',
  ]);
});
