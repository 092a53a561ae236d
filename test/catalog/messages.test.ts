import type { Catalog } from '../../src/catalog/catalog';
import type { UserMessage } from '../../src/domain/user-message';
import { accept, connectTo, newProject, openTestCatalog, REASON, RUN } from './arrange';
import type { TestCatalog } from './arrange';

const DAY_MS = 24 * 60 * 60 * 1000;

let opened: TestCatalog;
let catalog: Catalog;

beforeAll(async () => {
  opened = await openTestCatalog();
  catalog = opened.catalog;
});

afterAll(async () => {
  await opened.close();
});

async function failOne(projectId: string): Promise<UserMessage> {
  const volume = await accept(catalog, { projectId });
  await catalog.failVolume({ volumeId: volume.id, runId: RUN, reason: REASON });
  const [message] = await catalog.listMessages(projectId, { resourceId: volume.id });
  if (!message) throw new Error('The failure left no message');
  return message;
}

async function makeOld(message: UserMessage): Promise<void> {
  await opened.database.query("update messages set expires_at = now() - interval '1 s' where id = $1", [message.id]);
}

describe('messages', () => {
  it('live for 30 days (H-86)', async () => {
    const message = await failOne(newProject());
    expect(message.expiresAt.getTime() - message.createdAt.getTime()).toBeCloseTo(30 * DAY_MS, -2);
    await makeOld(message);
    expect(await catalog.findMessage(message.id, message.projectId)).toBeNull();
    expect(await catalog.listMessages(message.projectId, {})).toEqual([]);
  });

  it('are removed when they are old, at the next start', async () => {
    const message = await failOne(newProject());
    await makeOld(message);
    await (await connectTo(opened.database)).close();
    expect(await opened.database.query('select 1 from messages where id = $1', [message.id])).toEqual([]);
  });

  it('are listed newest first, and filtered (H-54)', async () => {
    const projectId = newProject();
    const { id: firstId } = await failOne(projectId);
    await opened.database.query("update messages set created_at = created_at - interval '1 s' where id = $1", [
      firstId,
    ]);
    const first = await catalog.findMessage(firstId, projectId);
    const second = await failOne(projectId);
    if (!first) throw new Error('The first message is gone');
    expect(await catalog.listMessages(projectId, {})).toEqual([second, first]);
    const { requestId, resourceId, resourceType, eventId, level } = first;
    expect(await catalog.listMessages(projectId, { requestId })).toEqual([first]);
    expect(await catalog.listMessages(projectId, { resourceId, resourceType, eventId, level })).toEqual([first]);
    expect(await catalog.listMessages(projectId, { level: 'INFO' })).toEqual([]);
    expect(await catalog.listMessages(projectId, { resourceType: '\0' })).toEqual([]);
  });

  it('are found and deleted by their project only, and deleted once', async () => {
    const { id, projectId } = await failOne(newProject());
    expect(await catalog.findMessage(id, newProject())).toBeNull();
    expect(await catalog.deleteMessage(id, newProject())).toBe(false);
    expect(await catalog.findMessage(id, projectId)).toMatchObject({ id });
    expect(await catalog.deleteMessage(id, projectId)).toBe(true);
    expect(await catalog.deleteMessage(id, projectId)).toBe(false);
  });

  it.each(['nope', 'a\0b'])('are none for the id %j', async (id) => {
    expect(await catalog.findMessage(id, newProject())).toBeNull();
    expect(await catalog.deleteMessage(id, newProject())).toBe(false);
  });
});
