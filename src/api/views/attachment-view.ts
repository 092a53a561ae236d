import { z } from 'zod';
import type { Volume } from '../../domain/volume';
import { DATE_TIME, dateTime } from './date-time';

export const ATTACHMENT_SUMMARY = z.strictObject({
  id: z.string().nullable(),
  status: z.literal('attached'),
  instance: z.string().nullable(),
  volume_id: z.string(),
});

export const ATTACHMENT = ATTACHMENT_SUMMARY.extend({
  attached_at: z.union([DATE_TIME, z.literal('')]).nullable(),
  detached_at: z.literal(''),
  attach_mode: z.string().nullable(),
  connection_info: z.strictObject({}),
});

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
