import { randomUUID } from 'node:crypto';
import type { Attachment } from '../domain/attachment';
import { Refusal } from '../domain/errors';
import type { Volume } from '../domain/volume';
import type { NewAttachment } from './catalog';
import { databaseClock, requireStorable } from './database';
import type { Database } from './database';
import { moveVolume } from './status-moves';
import { lockVolume, rereadVolume } from './volumes';

/* Which volume is used where, as Cinder's clients say it. Always in a transaction, under the volume's row. */

/** See `CatalogEdits.attachVolume`. */
export async function attachVolume(db: Database, volumeId: string, attached: NewAttachment): Promise<Volume> {
  requireStorable(attached);
  const volume = await lockLive(db, volumeId);
  if (volume.attachment && isSame(volume.attachment, attached)) return volume;
  if (volume.attachment) throw refused('volume is already attached and multiple attachments are not enabled');
  if (volume.readOnly === true && attached.mode !== 'ro') {
    throw new Refusal('InvalidInput', `Invalid attaching mode '${attached.mode}' for volume ${volumeId}.`);
  }
  const attachedAt = (await databaseClock(db)).toISOString();
  const attachment = JSON.stringify({ id: randomUUID(), ...attached, attachedAt } satisfies Attachment);
  const moved = await moveVolume(db, volumeId, { move: 'attach', changes: { attachment } });
  if (!moved) throw refused(`volume status must be available or attaching, but the status is ${volume.status}`);
  return rereadVolume(db, volumeId);
}

/** A call that is repeated, as Cinder's volume manager takes it. */
function isSame(one: Attachment, { serverId, hostName }: NewAttachment): boolean {
  return serverId === null ? one.hostName === hostName : one.serverId === serverId;
}

/** See `CatalogEdits.detachVolume`. */
export async function detachVolume(db: Database, volumeId: string, attachmentId: string | null): Promise<void> {
  const { attachment } = await lockLive(db, volumeId);
  if (attachmentId !== null && attachment !== null && attachment.id !== attachmentId) {
    const text = `Volume attachment could not be found with filter: attachment_id = ${attachmentId}.`;
    throw new Refusal('InvalidVolume', `Error detaching volume - VolumeAttachmentNotFound: ${text}`);
  }
  await moveVolume(db, volumeId, { move: 'detach', changes: { attachment: null } });
}

/** See `CatalogEdits.reserveVolume`. */
export async function reserveVolume(db: Database, volumeId: string): Promise<void> {
  const { status } = await lockLive(db, volumeId);
  if (await moveVolume(db, volumeId, { move: 'reserve' })) return;
  throw new Refusal(
    'InvalidVolume',
    `Invalid volume: Volume status must be available to reserve, but the status is ${status}.`,
  );
}

/** See `CatalogEdits.unreserveVolume`. */
export async function unreserveVolume(db: Database, volumeId: string): Promise<void> {
  const { attachment } = await lockLive(db, volumeId);
  await moveVolume(db, volumeId, { move: attachment === null ? 'unreserve' : 'keepAttached' });
}

/** See `CatalogEdits.beginDetaching`. */
export async function beginDetaching(db: Database, volumeId: string): Promise<void> {
  const { attachment } = await lockLive(db, volumeId);
  if (attachment !== null && (await moveVolume(db, volumeId, { move: 'beginDetaching' }))) return;
  throw new Refusal(
    'InvalidVolume',
    "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.",
  );
}

/** See `CatalogEdits.rollDetaching`. */
export async function rollDetaching(db: Database, volumeId: string): Promise<void> {
  await lockLive(db, volumeId);
  await moveVolume(db, volumeId, { move: 'rollDetaching' });
}

export async function lockLive(db: Database, volumeId: string): Promise<Volume> {
  requireStorable(volumeId);
  const volume = await lockVolume(db, volumeId);
  if (volume && volume.status !== 'deleted') return volume;
  throw new Refusal('VolumeNotFound', `Volume ${volumeId} could not be found.`);
}

/** Cinder's controller tells of what its volume service refused in this form. */
function refused(reason: string): Refusal {
  return new Refusal('InvalidVolume', `Error attaching volume - InvalidVolume: Invalid volume: ${reason}`);
}
