import { PROJECT } from './house';
import type { House } from './house';

/**
 * What a failed create must leave: the volume `error`, the backup free, no reservation, no data, no debt.
 * The quota still counts the volume, as in Cinder, until it is deleted.
 */
export async function expectCleanSlate(house: House, volumeId: string, backupId: string): Promise<void> {
  expect(await house.volume(volumeId)).toMatchObject({ status: 'error', host: null });
  await expectBackupFree(house, backupId);
  expect(house.files()).toEqual([]);
  expect(await house.catalog.dataLeftOf(volumeId)).toEqual([]);
  expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1 });
}

/** What a failed create leaves that can be retried: the same, but its data is still there, counted, and not due yet. */
export async function expectKeptData(house: House, volumeId: string, backupId: string): Promise<void> {
  expect(await house.volume(volumeId)).toMatchObject({ status: 'error', host: null });
  await expectBackupFree(house, backupId);
  expect(house.volumes()).toEqual([`volume-${volumeId}`]);
  expect(await house.catalog.dataLeftOf(volumeId)).toHaveLength(1);
  expect(await house.catalog.owedRemovals(`${house.config.host}@file`)).toEqual([]);
  expect((await house.catalog.listPools()).map((pool) => pool.provisionedCapacityGib)).toContain(1);
  expect(await house.catalog.quotaUsage(PROJECT)).toMatchObject({ volumes: 1 });
}

/** No volume reads the backup any more. */
export async function expectBackupFree(house: House, backupId: string): Promise<void> {
  expect(await house.backup(backupId)).toMatchObject({ status: 'available' });
  expect(await house.database.query('select * from backup_readers where backup_id = $1', [backupId])).toEqual([]);
}

/** The messages that `cinder message-list` shows for the request that created the volume (H-102). */
export async function messagesOf(house: House, volumeId: string): Promise<string[]> {
  const messages = await house.catalog.listMessages(PROJECT, { requestId: `req-${volumeId}` });
  return messages.map(({ text }) => text);
}
