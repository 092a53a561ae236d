import { completeFromBackup } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer, Asked } from './support/running-api';
import { useApi } from './support/use-api';

/** Which volumes are attached where. */
const here = useApi();
const ask = (path: string, asked: Asked = {}) => here.ask(path, { version: 71, ...asked });

const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];

/** A volume that os-attach attached to this server. */
const attach = async (serverId: string) => {
  const { id } = await completeFromBackup(here.catalog, {}, { projectId: here.project });
  const { attachment } = await here.catalog.attachVolume(id, {
    serverId,
    hostName: null,
    device: '/dev/vdb',
    mode: 'rw',
  });
  return { volumeId: id, attachmentId: attachment?.id ?? '' };
};
const listed = async (query = ''): Promise<unknown> =>
  ((await ask(`/attachments${query}`)).body as unknown as { attachments: unknown }).attachments;

it('are listed, the newest volume first, and by pages (H-89)', async () => {
  expect(await listed()).toEqual([]);
  const [first, second] = [await attach('server-1'), await attach('server-2')];
  const view = { status: 'attached', instance: 'server-1' };
  expect(await listed()).toEqual([
    { ...view, id: second.attachmentId, volume_id: second.volumeId, instance: 'server-2' },
    { ...view, id: first.attachmentId, volume_id: first.volumeId },
  ]);
  expect(await listed('?limit=1')).toMatchObject([{ id: second.attachmentId }]);
  expect(await listed(`?limit=1&marker=${second.attachmentId}`)).toMatchObject([{ id: first.attachmentId }]);
  expect(said(await ask('/attachments?marker=nope'))).toEqual([
    404,
    'Volume attachment could not be found with filter: attachment_id = nope.',
  ]);
});

it('are found by volume, server and status (H-54)', async () => {
  const [first, second] = [await attach('server-1'), await attach('server-2')];
  expect(await listed(`?volume_id=${first.volumeId}`)).toMatchObject([{ id: first.attachmentId }]);
  expect(await listed('?instance_id=server-2')).toMatchObject([{ id: second.attachmentId }]);
  expect(await listed('?status=attached')).toHaveLength(2);
  expect(await listed('?attach_status=reserved')).toEqual([]);
});

it('are shown in detail, without a connection', async () => {
  const { attachmentId, volumeId } = await attach('server-1');
  const attachment = {
    id: attachmentId,
    status: 'attached',
    instance: 'server-1',
    volume_id: volumeId,
    attached_at: expect.stringMatching(/\.\d{6}$/),
    detached_at: '',
    attach_mode: 'rw',
    connection_info: {},
  };
  expect((await ask(`/attachments/${attachmentId}`)).body).toEqual({ attachment });
  expect((await ask('/attachments/detail')).body).toEqual({ attachments: [attachment] });
});

it('are deleted: the volume is available', async () => {
  const { attachmentId, volumeId } = await attach('server-1');
  const answer = await ask(`/attachments/${attachmentId}`, { method: 'DELETE' });
  expect([answer.status, answer.body]).toEqual([200, { attachments: [] }]);
  expect((await ask(`/volumes/${volumeId}`)).body.volume.status).toBe('available');
  expect((await ask(`/attachments/${attachmentId}`)).status).toBe(404);
});

it('are made by os-attach only', async () => {
  const { volumeId } = await attach('server-1');
  const refusal = [400, 'Invalid input received: This service hands out no connections to its volumes.'];
  expect(said(await ask('/attachments', { body: { attachment: { volume_uuid: volumeId } } }))).toEqual(refusal);
  expect((await ask('/attachments/nope', { method: 'PUT', body: { attachment: {} } })).status).toBe(404);
});

it('do not exist before 3.27 (H-5)', async () => {
  expect((await ask('/attachments', { version: 26 })).status).toBe(404);
});
