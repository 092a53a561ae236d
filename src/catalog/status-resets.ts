import { Refusal } from '../domain/errors';
import { judgeReset } from '../domain/status-reset';
import { lockLive } from './attachments';
import type { VolumeReset } from './catalog';
import type { Database } from './database';
import { setVolumeStatus } from './status-moves';

/** In a transaction. See `CatalogEdits.resetVolume`. */
export async function resetVolume(db: Database, volumeId: string, reset: VolumeReset): Promise<void> {
  const volume = await lockLive(db, volumeId);
  const status = reset.status === undefined ? volume.status : judgeReset(volume, reset.status);
  if (volume.attachment === null && (status === 'in-use' || reset.attached === true)) {
    const what = status === 'in-use' ? 'in-use' : 'attached';
    throw new Refusal('InvalidInput', `Cannot reset-state to ${what} because volume does not have any attachments.`);
  }
  await setVolumeStatus(db, volumeId, { status, ...(reset.attached === false ? { attachment: null } : {}) });
}
