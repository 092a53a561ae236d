import type { Volume } from '../../domain/volume';
import { dateTime } from './date-time';

/** An attachment in a list without details (Cinder api/v3/views/attachments.py). The volume is attached. */
export function attachmentSummary({ id, attachment }: Volume): object {
  return {
    id: attachment?.id ?? null,
    status: 'attached',
    instance: attachment?.serverId ?? null,
    volume_id: id,
  };
}

/** Nobody connects through this service: `connection_info` is empty. */
export function attachmentView(volume: Volume): object {
  const { attachment } = volume;
  return {
    ...attachmentSummary(volume),
    attached_at: attachment ? dateTime(new Date(attachment.attachedAt)) : '',
    detached_at: '',
    attach_mode: attachment?.mode ?? null,
    connection_info: {},
  };
}
