import { accept } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import { useApi } from './support/use-api';

/** What clients ask before they use something. */
const here = useApi();
const { ask } = here;

describe('extensions (H-88)', () => {
  it('are all of Cinder’s', async () => {
    const { extensions } = (await ask('/extensions')).body as unknown as { extensions: { alias: string }[] };
    expect(extensions.map(({ alias }) => alias)).toEqual(
      expect.arrayContaining(['backups', 'os-quota-sets', 'os-services', 'scheduler-stats', 'os-volume-transfer']),
    );
    expect(extensions).toHaveLength(32);
    expect(extensions).toContainEqual({
      name: 'Backups',
      alias: 'backups',
      description: 'Backups support.',
      updated: '2012-12-12T00:00:00+00:00',
      links: [],
    });
  });

  it('are shown by their alias', async () => {
    expect((await ask('/extensions/os-hosts')).body).toMatchObject({ extension: { alias: 'os-hosts' } });
    const unknown = await ask('/extensions/nope');
    expect([unknown.status, messageOf(unknown)]).toEqual([404, 'The resource could not be found.']);
  });
});

describe('resource filters (H-54)', () => {
  it('are listed from 3.33 on, all or those of one resource', async () => {
    const all = (await ask('/resource_filters', { version: 33 })).body;
    expect(all).toMatchObject({
      resource_filters: expect.arrayContaining([
        { resource: 'backup', filters: ['name', 'status', 'volume_id'] },
        { resource: 'pool', filters: ['name', 'volume_type'] },
      ]),
    });
    const one = (await ask('/resource_filters?resource=volume_type', { version: 33 })).body;
    expect(one).toEqual({ resource_filters: [{ resource: 'volume_type', filters: ['is_public', 'extra_specs'] }] });
    expect((await ask('/resource_filters?resource=nope', { version: 33 })).body).toEqual({ resource_filters: [] });
    expect((await ask('/resource_filters', { version: 32 })).status).toBe(404);
  });
});

it('a volume says that it is not encrypted', async () => {
  const { id } = await accept(here.catalog, { projectId: here.project });
  expect((await ask(`/volumes/${id}/encryption`)).body).toEqual({ encryption_key_id: null });
  expect((await ask('/volumes/nope/encryption')).status).toBe(404);
});
