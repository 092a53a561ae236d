import { randomUUID } from 'node:crypto';
import { messageOf } from './support/running-api';
import { useApi } from './support/use-api';

/** Data on pools that no volume accounts for, for administrators. */
const here = useApi();
const { ask } = here;

const POOL = 'control@files#pool';
const noted = (volumeId: string) =>
  here.catalog.noteContent({ poolName: POOL, volumes: [{ volumeId, storedBytes: 8192 }] }, 0);

it('is listed with its pool, its size and why nobody removes it, until an administrator has it removed', async () => {
  const volumeId = randomUUID();
  await noted(volumeId);
  const orphan = { volume_id: volumeId, pool: POOL, stored_bytes: 8192, reason: 'unknown', remove_at: null };
  expect((await ask('/rekindle-orphans')).body).toEqual({
    orphans: [{ ...orphan, first_seen_at: expect.stringMatching(/^20/) }],
  });

  expect((await ask(`/rekindle-orphans/${volumeId}`, { method: 'DELETE' })).status).toBe(202);

  expect((await ask('/rekindle-orphans')).body).toMatchObject({
    orphans: [{ ...orphan, remove_at: expect.stringMatching(/^20/) }],
  });
  await noted(volumeId);
  expect(await here.catalog.owedRemovals('control@files')).toMatchObject([{ volumeId }]);
});

it('is found by its volume alone', async () => {
  const id = randomUUID();
  const answer = await ask(`/rekindle-orphans/${id}`, { method: 'DELETE' });
  expect([answer.status, messageOf(answer)]).toEqual([404, `No orphan of volume ${id} could be found.`]);
});
