import { accept, acceptFromBackup, newProject, times, volumeMetaOf } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Ask } from './support/running-api';
import { useApi } from './support/use-api';

/** What a user changes about a volume that is there, and what he keeps with it. */
const here = useApi();
const { ask } = here;

const make = async (metadata: Record<string, string> = {}): Promise<string> =>
  (await accept(here.catalog, { projectId: here.project, name: 'a', description: 'b', metadata })).id;
const shown = async (id: string) => (await ask(`/volumes/${id}`, { version: 71 })).body.volume;

describe('PUT /volumes/{id}', () => {
  const put = (id: string, volume: unknown, version = 71) =>
    ask(`/volumes/${id}`, { method: 'PUT', body: { volume }, version });

  it('changes what is named, by 200 and the view of a created volume (H-58, H-39)', async () => {
    const id = await make({ k: 'v' });
    const answer = await put(id, { name: ' n ', description: null });
    expect(answer.status).toBe(200);
    expect(answer.body.volume).toMatchObject({ id, name: 'n', description: null, metadata: { k: 'v' } });
    expect(answer.body.volume['updated_at']).toMatch(/^\d{4}-/);
    expect(Object.keys(answer.body.volume).filter((key) => key.startsWith('os-vol'))).toEqual([]);
    expect(await shown(id)).toMatchObject({ name: 'n', description: null });
  });

  it.each([
    [
      { display_name: 'older', display_description: 'too' },
      { name: 'older', description: 'too' },
    ],
    [{ name: null, display_name: 'older' }, { name: null }],
    [{ name: '' }, { name: '', description: 'b' }],
    [{ metadata: { x: 'y' } }, { metadata: { x: 'y' }, name: 'a' }],
    [{ metadata: {} }, { metadata: {} }],
    [{ name: "'; drop table volumes; --" }, { name: "'; drop table volumes; --" }],
    [{ name: '💾'.repeat(255) }, { name: '💾'.repeat(255) }],
  ])('takes %j (H-58, H-33)', async (volume, expected) => {
    const id = await make({ k: 'v' });
    expect((await put(id, volume)).status).toBe(200);
    expect(await shown(id)).toMatchObject(expected);
    if ('metadata' in expected) expect((await shown(id))['metadata']).toEqual(expected.metadata);
  });

  it.each([
    [{}, 'Invalid input for field/attribute volume. Value: {}. {} is not valid under any of the given schemas'],
    [{ size: 2 }, /Additional properties are not allowed \('size' was unexpected\)$/],
    [{ name: 5 }, "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string', 'null'"],
    [{ name: 'x'.repeat(256) }, 'Invalid input received: name has 256 characters, more than 255.'],
    [{ description: '💾'.repeat(256) }, 'Invalid input received: description has 256 characters, more than 255.'],
    [{ metadata: null }, "Invalid input for field/attribute metadata. Value: None. None is not of type 'object'"],
    [{ metadata: { k: 1 } }, "Invalid input for field/attribute k. Value: 1. 1 is not of type 'string'"],
    [{ name: 'a\0b' }, /contains a character that cannot be stored$/],
    [{ name: 'x', metadata: { k: '\ud800' } }, /contains a character that cannot be stored$/],
    [null, "Invalid input for field/attribute volume. Value: None. None is not of type 'object'"],
    [[], "Invalid input for field/attribute volume. Value: []. [] is not of type 'object'"],
  ])('refuses %j, and writes nothing (H-58, H-33)', async (volume, message) => {
    const id = await make({ k: 'v' });
    const answer = await put(id, volume);
    expect(answer.status).toBe(400);
    if (message instanceof RegExp) expect(messageOf(answer)).toMatch(message);
    else expect(messageOf(answer)).toBe(message);
    expect(await shown(id)).toMatchObject({ name: 'a', description: 'b', metadata: { k: 'v' }, updated_at: null });
  });

  it('took nothing for a change before 3.53 (H-58)', async () => {
    expect((await put(await make(), {}, 52)).status).toBe(200);
  });

  it('does not find what does not exist (H-50)', async () => {
    const answer = await put('nope', { name: 'x' });
    expect([answer.status, messageOf(answer)]).toEqual([404, 'Volume nope could not be found.']);
  });

  it('counts as given by the user while the volume is being created (S-62)', async () => {
    const { volume, backupId } = await acceptFromBackup(here.catalog, { projectId: here.project, name: null });
    await put(volume.id, { name: 'later', metadata: { k: 'mine' } });
    const { epoch } = await here.catalog.beginWriting(volume.id, { maxGapMs: 1000 });
    const says = volumeMetaOf({ name: 'of the backup', userMetadata: { k: 'its', l: 'its' } });
    await here.catalog.noteBackupMetadata(volume.id, epoch, says);
    await here.catalog.completeVolume({ volumeId: volume.id, written: { epoch, backupId } });
    expect(await shown(volume.id)).toMatchObject({ name: 'later', metadata: { k: 'mine', l: 'its' } });
  });
});

describe('/volumes/{id}/metadata', () => {
  const metadata = (id: string, asked: Parameters<Ask>[1] = {}, key = '') =>
    ask(`/volumes/${id}/metadata${key}`, asked);

  it('is shown, merged and replaced as a whole (H-59)', async () => {
    const id = await make({ a: '1', b: '2' });
    expect((await metadata(id)).body).toEqual({ metadata: { a: '1', b: '2' } });
    const merged = await metadata(id, { body: { metadata: { b: '3', c: '4' } } });
    expect([merged.status, merged.body]).toEqual([200, { metadata: { a: '1', b: '3', c: '4' } }]);
    const replaced = await metadata(id, { method: 'PUT', body: { metadata: { d: '5' } } });
    expect([replaced.status, replaced.body]).toEqual([200, { metadata: { d: '5' } }]);
    expect((await shown(id))['metadata']).toEqual({ d: '5' });
  });

  it('has items of its own (H-59)', async () => {
    const id = await make({ a: '1' });
    expect((await metadata(id, {}, '/a')).body).toEqual({ meta: { a: '1' } });
    const put = await metadata(id, { method: 'PUT', body: { meta: { 'b c': '2' } } }, '/b%20c');
    expect([put.status, put.body]).toEqual([200, { meta: { 'b c': '2' } }]);
    const deleted = await metadata(id, { method: 'DELETE' }, '/a');
    expect([deleted.status, deleted.text]).toEqual([200, '']);
    expect((await metadata(id)).body).toEqual({ metadata: { 'b c': '2' } });
    for (const method of ['GET', 'DELETE'] as const) {
      const gone = await metadata(id, { method }, '/a');
      expect([gone.status, messageOf(gone)]).toEqual([404, `Volume ${id} has no metadata with key a.`]);
    }
  });

  it('keeps keys that mean something in JavaScript (H-33k)', async () => {
    const id = await make();
    const body = '{"metadata":{"__proto__":"p","constructor":"c"}}';
    const merged = await metadata(id, { method: 'POST', body });
    expect(merged.text).toBe('{"metadata":{"__proto__":"p","constructor":"c"}}');
    expect((await metadata(id, {}, '/toString')).status).toBe(404);
    expect((await metadata(id, {}, '/__proto__')).text).toBe('{"meta":{"__proto__":"p"}}');
  });

  it('counts every one of many edits at once', async () => {
    const id = await make();
    await Promise.all(times(8, (at) => metadata(id, { body: { metadata: { [`k${at}`]: String(at) } } })));
    expect(Object.keys((await shown(id))['metadata'] as object)).toHaveLength(8);
  });

  it('bears a tag from 3.15 on, and is only overwritten by who names the last one (H-59)', async () => {
    const id = await make({ a: '1' });
    const tag = (await metadata(id, { version: 15 })).headers.get('etag')!;
    expect((await metadata(id, { version: 14 })).headers.get('etag')).toBeNull();
    const replace = (ifMatch: string, version = 15) =>
      metadata(id, { method: 'PUT', body: { metadata: { b: '2' } }, version, headers: { 'If-Match': ifMatch } });
    expect((await replace('"nope"')).status).toBe(412);
    expect((await replace(`"${tag}"`)).status).toBe(200);
    expect((await replace(tag)).status).toBe(412);
    expect((await replace(tag, 14)).status).toBe(200);
    const item = await metadata(
      id,
      { method: 'PUT', body: { meta: { b: '3' } }, version: 15, headers: { 'If-Match': tag } },
      '/b',
    );
    expect(item.status).toBe(412);
    expect((await metadata(id)).body).toEqual({ metadata: { b: '2' } });
  });

  it.each([
    ['POST', '', {}, "'metadata' is a required property"],
    ['POST', '', { metadata: null }, /None is not of type 'object'$/],
    ['POST', '', { metadata: { '': 'x' } }, /'' does not match any of the regexes/],
    ['POST', '', { metadata: { [`k${'x'.repeat(255)}`]: 'x' } }, /does not match any of the regexes/],
    ['POST', '', { metadata: { k: 'x'.repeat(256) } }, /is too long$/],
    ['PUT', '', { metadata: { 'k\r\nX-Evil: 1': 'x' } }, /does not match any of the regexes/],
    ['PUT', '', { metadata: { k: 'a\0' } }, /contains a character that cannot be stored$/],
    ['PUT', '', { metadata: {}, x: 1 }, "Additional properties are not allowed ('x' was unexpected)"],
    ['PUT', '/k', { meta: {} }, /\{\} does not have enough properties$/],
    ['PUT', '/k', { meta: { k: '1', l: '2' } }, /has too many properties$/],
    ['PUT', '/k', { meta: { l: '1' } }, 'Request body and URI mismatch'],
    ['PUT', '/k', { meta: { k: 1 } }, "Invalid input for field/attribute k. Value: 1. 1 is not of type 'string'"],
    ['PUT', '/%00', { meta: { k: '1' } }, 'Request body and URI mismatch'],
  ] as const)('refuses %s %s %j, and writes nothing (H-59, H-33)', async (method, key, body, message) => {
    const id = await make({ a: '1' });
    const answer = await metadata(id, { method, body }, key);
    expect(answer.status).toBe(400);
    if (message instanceof RegExp) expect(messageOf(answer)).toMatch(message);
    else expect(messageOf(answer)).toBe(message);
    expect((await metadata(id)).body).toEqual({ metadata: { a: '1' } });
  });

  it.each([
    ['GET', ''],
    ['POST', ''],
    ['PUT', ''],
    ['GET', '/k'],
    ['PUT', '/k'],
    ['DELETE', '/k'],
  ] as const)('does not exist without its volume: %s %s (H-50)', async (method, key) => {
    const body = { metadata: key ? undefined : {}, meta: key ? { k: 'v' } : undefined };
    const answer = await metadata('nope', { method, ...(['POST', 'PUT'].includes(method) ? { body } : {}) }, key);
    expect([answer.status, messageOf(answer)]).toEqual([404, 'Volume nope could not be found.']);
  });
});

describe('GET /volumes/summary', () => {
  it('sums the caller’s volumes and gathers their metadata (H-50)', async () => {
    await make({ a: '1', b: 'x' });
    await make({ a: '2' });
    await make({ a: '1' });
    const summary = { total_count: 3, total_size: 3 };
    expect((await ask('/volumes/summary', { version: 12 })).body).toEqual({ 'volume-summary': summary });
    const full = { ...summary, metadata: { a: ['1', '2'], b: ['x'] } };
    expect((await ask('/volumes/summary', { version: 36 })).body).toEqual({ 'volume-summary': full });
  });

  it('of nothing is nothing, of all projects is everybody’s (H-50)', async () => {
    await accept(here.catalog, { projectId: newProject() });
    const nothing = { total_count: 0, total_size: 0, metadata: {} };
    expect((await ask('/volumes/summary', { version: 71 })).body).toEqual({ 'volume-summary': nothing });
    const all = (await ask('/volumes/summary?all_tenants=1', { version: 71 })).body;
    expect(JSON.stringify(all)).not.toContain('"total_count":0');
  });

  it('does not exist before 3.12 (H-5)', async () => {
    const answer = await ask('/volumes/summary', { version: 11 });
    expect([answer.status, messageOf(answer)]).toEqual([404, 'The resource could not be found.']);
  });
});
