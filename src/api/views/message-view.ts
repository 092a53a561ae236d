import { z } from 'zod';
import type { UserMessage } from '../../domain/user-message';
import { LINKED } from '../contract';
import { linksTo } from '../links';
import type { Call } from '../route';
import { DATE_TIME, dateTime } from './date-time';

export const MESSAGE = z.strictObject({
  ...LINKED,
  event_id: z.string(),
  user_message: z.string(),
  message_level: z.string(),
  created_at: DATE_TIME,
  guaranteed_until: DATE_TIME.nullable(),
  request_id: z.string().nullable(),
  resource_type: z.string().nullable(),
  resource_uuid: z.string().nullable(),
});

/** H-86. */
export function messageView({ place }: Call, message: UserMessage): object {
  return {
    id: message.id,
    event_id: message.eventId,
    user_message: message.text,
    message_level: message.level,
    created_at: dateTime(message.createdAt),
    guaranteed_until: dateTime(message.expiresAt),
    request_id: message.requestId,
    links: linksTo(place, 'messages', message.id),
    resource_type: message.resourceType,
    resource_uuid: message.resourceId,
  };
}
