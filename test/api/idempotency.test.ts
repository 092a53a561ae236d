import { createHash } from 'node:crypto';
import { connectTo, importOf, times, RUN } from '../catalog/arrange';
import { messageOf } from './support/running-api';
import type { Answer, Ask } from './support/running-api';
import { useApi } from './support/use-api';

/** POST /volumes with an Idempotency-Key: one volume, however often it is asked for. */
const here = useApi();

const create = (key: string, volume: unknown = { size: 1, name: 'a' }, ask: Ask = here.ask): Promise<Answer> =>
  ask('/volumes', { body: { volume }, version: 71, headers: { 'Idempotency-Key': key } });
const said = (answer: Answer): unknown => [answer.status, messageOf(answer) ?? answer.text];
const idOf = ({ status, body }: Answer): unknown => (status === 202 ? body.volume.id : status);
const volumes = async (): Promise<number> => (await here.ask('/volumes')).body.volumes.length;

it('the same key and body give the same volume, by 202, whatever has become of it', async () => {
  const first = await create('k');
  await here.catalog.failVolume({
    volumeId: first.body.volume.id,
    runId: RUN,
    reason: { detail: 'd', action: 'createVolume', detailId: '012' },
  });
  const again = await create('k');
  expect([again.status, again.body.volume.id, again.body.volume.status]).toEqual([202, first.body.volume.id, 'error']);
  expect(await volumes()).toBe(1);
});

it('many at once make one volume', async () => {
  const answers = await Promise.all(times(8, () => create('k')));
  expect(new Set(answers.map(idOf)).size).toBe(1);
  expect(answers[0]!.status).toBe(202);
  expect(await volumes()).toBe(1);
});

it('how the body is written does not matter, what it asks for does', async () => {
  const first = await create('k', { size: 1, name: 'a', metadata: { x: '1', y: '2' } });
  const same = await create('k', { metadata: { y: '2', x: '1' }, name: ' a ', description: null, size: '1' });
  expect(idOf(same)).toBe(idOf(first));
  expect(said(await create('k', { size: 2, name: 'a', metadata: { x: '1', y: '2' } }))).toEqual([
    409,
    'Idempotency-Key k has already been used with another body.',
  ]);
  expect(await volumes()).toBe(1);
});

it('a key is a project’s own', async () => {
  const first = await create('k');
  const other = await create('k', undefined, here.api.caller().ask);
  expect(other.status).toBe(202);
  expect(idOf(other)).not.toBe(idOf(first));
});

it('a request that was refused frees its key, and is judged anew', async () => {
  await here.catalog.setQuota(here.project, { volumes: 0 });
  expect((await create('k')).status).toBe(413);
  await here.catalog.resetQuota(here.project);
  const { id: backup_id } = await here.catalog.importBackup(importOf({ projectId: here.project }));
  expect((await create('k', { backup_id })).status).toBe(202);
});

it('an API that died before it asked for the volume leaves nothing in the way', async () => {
  const asked = [
    ...[
      ['availabilityZone', null],
      ['backupId', null],
      ['description', null],
      ['metadata', []],
      ['name', 'a'],
    ],
    ...[
      ['readBack', false],
      ['sizeGib', 1],
      ['volumeType', null],
    ],
  ];
  const bodyHash = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  const volumeId = '11111111-2222-4333-8444-555555555555';
  await here.catalog.claimIdempotencyKey({ projectId: here.project, key: 'k', bodyHash, volumeId });
  expect(idOf(await create('k'))).toBe(volumeId);
});

it('a key outlives its volume: it never makes a second one', async () => {
  const first = await create('k');
  await here.catalog.beginDeletion(first.body.volume.id, 'some-run');
  await here.catalog.finishDeletion(first.body.volume.id);
  expect(said(await create('k'))).toEqual([409, 'Idempotency-Key k stands for a volume that has been deleted.']);
});

it('a key is kept for a day, in the database, and forgotten after a week', async () => {
  const first = await create('k');
  const age = (interval: string) =>
    here.api.database.query(
      `update idempotency_keys set created_at = created_at - interval '${interval}' where project_id = $1`,
      [here.project],
    );
  await age('1 day');
  const other = await connectTo(here.api.database);
  await other.close();
  expect(idOf(await create('k'))).toBe(idOf(first));
  await age('7 days');
  expect(idOf(await create('k'))).not.toBe(idOf(first));
});

it.each(['', 'k'.repeat(256), 'k\u00e4'])('%j is no key', async (key) => {
  const answer = await create(key);
  expect(said(answer)).toEqual([400, 'Idempotency-Key must have 1 to 255 printable ASCII characters.']);
  expect(await volumes()).toBe(0);
});

it('without a key every request makes a volume, as in Cinder (H-41)', async () => {
  const bare = () => here.ask('/volumes', { body: { volume: { size: 1 } } });
  const [one, other] = await Promise.all([bare(), bare()]);
  expect(idOf(one)).not.toBe(idOf(other));
});
