/** A message that tells a user why something failed: `cinder message-list` shows it (H-86, H-87). */
export interface UserMessage {
  readonly id: string;
  readonly projectId: string;
  readonly requestId: string;
  readonly resourceType: 'VOLUME' | 'VOLUME_BACKUP';
  readonly resourceId: string;
  readonly eventId: string;
  readonly text: string;
  readonly level: 'ERROR';
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Why a volume could not be created, in Cinder's codes and our words. */
export interface FailureReason {
  /** One sentence: what was wrong and, where there is something, what to do. */
  readonly detail: string;
  readonly action: MessageAction;
  /** Cinder's detail id (H-87), for example `003`. */
  readonly detailId: string;
}

/** Cinder's action ids and texts (message_field.py). */
export const MESSAGE_ACTIONS = {
  schedule: { id: '001', text: 'schedule allocate volume' },
  extendVolume: { id: '007', text: 'extend volume' },
  createVolume: { id: '008', text: 'create volume from backend storage' },
  restoreBackup: { id: '015', text: 'restore backup' },
} as const;

export type MessageAction = keyof typeof MESSAGE_ACTIONS;

/** `VOLUME_<resource type>_<action id>_<detail id>` (H-86). */
export function eventId(reason: FailureReason): string {
  return `VOLUME_VOLUME_${MESSAGE_ACTIONS[reason.action].id}_${reason.detailId}`;
}

/** `<action text>:<detail text>` (H-86). */
export function messageText(reason: FailureReason): string {
  return `${MESSAGE_ACTIONS[reason.action].text}:${reason.detail}`;
}
