import type { UserMessage } from '../../domain/user-message';
import { linksTo } from '../links';
import type { Call } from '../route';
import { dateTime } from './date-time';

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
