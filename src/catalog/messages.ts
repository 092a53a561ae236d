import { sql } from 'kysely';
import { eventId, messageText } from '../domain/user-message';
import type { FailureReason, UserMessage } from '../domain/user-message';
import type { Volume } from '../domain/volume';
import type { MessageFilter } from './catalog';
import { currentTime, isStorable } from './database';
import type { Database } from './database';

/** Why a create or a restore failed, filed under the request that began it: there cinderclient looks for it (H-102). */
export async function writeFailureMessage(
  db: Database,
  volume: Pick<Volume, 'id' | 'projectId' | 'requestId'>,
  reason: FailureReason,
): Promise<void> {
  await db
    .insertInto('messages')
    .values({
      project_id: volume.projectId,
      request_id: volume.requestId,
      resource_type: 'VOLUME',
      resource_id: volume.id,
      event_id: eventId(reason),
      // What failed may have come from anywhere, and a NUL can't be stored.
      text: messageText(reason).replaceAll('\0', ''),
      level: 'ERROR',
      // H-86: messages live for 30 days.
      expires_at: sql<Date>`clock_timestamp() + interval '30 days'`,
    })
    .execute();
}

/** Rows that somebody else is deleting right now are left to him. */
export async function deleteExpiredMessages(db: Database): Promise<void> {
  const expired = db.selectFrom('messages').select('id').where('expires_at', '<', currentTime).forUpdate().skipLocked();
  await db.deleteFrom('messages').where('id', 'in', expired).execute();
}

export async function findMessage(db: Database, id: string, projectId: string): Promise<UserMessage | null> {
  if (!isStorable(id)) return null;
  return (await selectMessages(db, projectId).where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function listMessages(
  db: Database,
  projectId: string,
  filter: MessageFilter,
): Promise<readonly UserMessage[]> {
  if (!Object.values(filter).every(isStorable)) return [];
  let query = selectMessages(db, projectId).orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (filter.requestId !== undefined) query = query.where('request_id', '=', filter.requestId);
  if (filter.resourceId !== undefined) query = query.where('resource_id', '=', filter.resourceId);
  if (filter.resourceType !== undefined) query = query.where(sql<string>`resource_type`, '=', filter.resourceType);
  if (filter.eventId !== undefined) query = query.where('event_id', '=', filter.eventId);
  if (filter.level !== undefined) query = query.where(sql<string>`level`, '=', filter.level);
  return query.execute();
}

/** Idempotent. False if there was none. */
export async function deleteMessage(db: Database, id: string, projectId: string): Promise<boolean> {
  if (!isStorable(id)) return false;
  const { numDeletedRows } = await db
    .deleteFrom('messages')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

function selectMessages(db: Database, projectId: string) {
  return db
    .selectFrom('messages')
    .select([
      'id',
      'project_id as projectId',
      'request_id as requestId',
      'resource_type as resourceType',
      'resource_id as resourceId',
      'event_id as eventId',
      'text',
      'level',
      'created_at as createdAt',
      'expires_at as expiresAt',
    ])
    .where('project_id', '=', projectId)
    .where('expires_at', '>', currentTime);
}
