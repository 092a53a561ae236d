import { accept, poolOf, REASON, RUN } from '../catalog/arrange';
import type { Body } from './support/running-api';
import { useApi } from './support/use-api';

/** What clients ask around the main flow. */
const here = useApi();
const { ask } = here;
beforeAll(async () => {
  await here.catalog.declareVolumeTypes([
    { name: 'fast', description: 'f', isPublic: true, extraSpecs: { volume_backend_name: 'files' } },
    { name: 'hidden', description: null, isPublic: false, extraSpecs: {} },
  ]);
});

describe('messages', () => {
  /** Volumes that failed, each with its message; the last one the newest. */
  const fail = async (count: number): Promise<string[]> => {
    const requestIds: string[] = [];
    for (let made = 0; made < count; made += 1) {
      const volume = await accept(here.catalog, { projectId: here.project });
      await here.catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
      requestIds.push(volume.requestId);
    }
    return requestIds;
  };

  it('are shown with what they are about (H-86, H-87)', async () => {
    const [requestId] = await fail(1);
    const message = (await ask('/messages', { version: 3 })).body.messages[0]!;
    expect(message).toEqual({
      id: expect.any(String),
      event_id: 'VOLUME_VOLUME_015_026',
      user_message: 'restore backup:The object is damaged.',
      message_level: 'ERROR',
      created_at: expect.stringMatching(/\.\d{6}$/),
      guaranteed_until: expect.stringMatching(/\.\d{6}$/),
      request_id: requestId,
      links: [
        { rel: 'self', href: `${here.api.url}/v3/${here.project}/messages/${message.id}` },
        { rel: 'bookmark', href: `${here.api.url}/${here.project}/messages/${message.id}` },
      ],
      resource_type: 'VOLUME',
      resource_uuid: expect.any(String),
    });
    expect((await ask(`/messages/${message.id}`, { version: 3 })).body).toEqual({ message });
  });

  it('come newest first, by pages and by filters from 3.5 on (H-86)', async () => {
    const [first, second] = await fail(2);
    const ids = ({ messages }: Body) => messages.map((message) => message['request_id']);
    const page = await ask('/messages?limit=1', { version: 5 });
    expect(ids(page.body)).toEqual([second]);
    const next = new URL(page.body.messages_links[0]!.href);
    expect(ids((await ask(`/messages${next.search}`, { version: 5 })).body)).toEqual([first]);
    expect(ids((await ask(`/messages?request_id=${first}`, { version: 5 })).body)).toEqual([first]);
    expect(ids((await ask('/messages?event_id=nope', { version: 5 })).body)).toEqual([]);
    expect((await ask('/messages?marker=nope', { version: 5 })).body.itemNotFound.message).toBe(
      'Message nope could not be found.',
    );
  });

  it('are deleted by 204, once (H-86)', async () => {
    await fail(1);
    const { id } = (await ask('/messages', { version: 3 })).body.messages[0]!;
    expect((await ask(`/messages/${id}`, { method: 'DELETE', version: 3 })).status).toBe(204);
    const again = await ask(`/messages/${id}`, { method: 'DELETE', version: 3 });
    expect([again.status, again.body.itemNotFound.message]).toEqual([404, `Message ${id} could not be found.`]);
  });

  it('are not shown to other projects (H-28)', async () => {
    await fail(1);
    const { id } = (await ask('/messages', { version: 3 })).body.messages[0]!;
    const other = here.api.caller();
    expect((await other.ask(`/messages/${id}`, { version: 3 })).status).toBe(404);
    expect((await other.ask(`/messages/${id}`, { method: 'DELETE', version: 3 })).status).toBe(404);
    expect((await other.ask('/messages', { version: 3 })).body).toEqual({ messages: [] });
  });
});

describe('types', () => {
  const namesOf = async (path: string): Promise<string[]> =>
    (await ask(path)).body.volume_types.map((type) => type.name).sort();

  it.each([
    ['/types', ['__DEFAULT__', 'fast']],
    ['/types?is_public=None', ['__DEFAULT__', 'fast', 'hidden']],
    ['/types?is_public=none', ['__DEFAULT__', 'fast', 'hidden']],
    ['/types?is_public=false', ['hidden']],
    ['/types?limit=0', []],
  ])('are listed by GET %s (H-80)', async (path, names) => {
    expect(await namesOf(path)).toEqual(names);
  });

  it('page (H-80)', async () => {
    const answer = await ask('/types?limit=1');
    expect(answer.body.volume_types).toHaveLength(1);
    expect(answer.body.volume_type_links[0]?.href).toContain('/types?limit=1&marker=');
  });

  it('are shown by id, and the default one by its word (H-80)', async () => {
    const { volume_types } = (await ask('/types')).body;
    const fast = volume_types.find(({ name }) => name === 'fast')!;
    expect(fast).toEqual({
      id: expect.any(String),
      name: 'fast',
      is_public: true,
      description: 'f',
      extra_specs: { volume_backend_name: 'files' },
      qos_specs_id: null,
      'os-volume-type-access:is_public': true,
    });
    expect((await ask(`/types/${fast.id}`)).body.volume_type).toEqual(fast);
    // Cinder's extension looks for what the URL calls it, and there is no type of the id `default`.
    const byDefault = (await ask('/types/default')).body.volume_type;
    expect(byDefault.name).toBe('__DEFAULT__');
    expect(byDefault).not.toHaveProperty('os-volume-type-access:is_public');
  });

  it.each(['nope', 'fast'])('are not found by the name %s (H-80)', async (name) => {
    const answer = await ask(`/types/${name}`);
    expect([answer.status, answer.body.itemNotFound.message]).toEqual([404, `Volume type ${name} could not be found.`]);
  });
});

describe('the rest', () => {
  it('shows the zones of the pools and the default one (H-81)', async () => {
    await here.catalog.reportPools([poolOf({ availabilityZone: 'east' })]);
    expect((await ask('/os-availability-zone')).body).toEqual({
      availabilityZoneInfo: [
        { zoneName: 'east', zoneState: { available: true } },
        { zoneName: 'nova', zoneState: { available: true } },
      ],
    });
  });
});
