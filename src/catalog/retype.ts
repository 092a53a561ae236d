import { volumeTypeNotFound } from '../domain/acceptance';
import type { QuotaLimits } from '../domain/quota';
import { judgeRetype } from '../domain/retype';
import type { VolumeType } from '../domain/volume-type';
import { lockLive } from './attachments';
import type { VolumeRetype } from './catalog';
import { currentTime, databaseClock } from './database';
import type { Database } from './database';
import { listPools } from './pools';
import { lockQuota, quotaLimits, quotaUsage } from './quotas';
import { lockType } from './volume-type-edits';
import { findVolumeType } from './volume-types';

/** In a transaction. See `CatalogEdits.retypeVolume`. Locks as creates and extensions do: quota, then the volume. */
export async function retypeVolume(db: Database, retype: VolumeRetype, quotaDefaults: QuotaLimits): Promise<void> {
  const { volumeId, projectId, newType, policy, reportMaxAgeMs } = retype;
  await lockQuota(db, projectId);
  const volume = await lockLive(db, volumeId);
  const type = await lockNamedType(db, newType);
  judgeRetype(volume, policy, {
    type,
    limits: await quotaLimits(db, projectId, quotaDefaults),
    usage: await quotaUsage(db, projectId),
    pool: (await listPools(db)).find(({ name }) => name === volume.host) ?? null,
    now: await databaseClock(db),
    reportMaxAgeMs,
  });
  await db
    .updateTable('volumes')
    .set({ volume_type_id: type.id, updated_at: currentTime })
    .where('id', '=', volumeId)
    .execute();
}

/** The type as it stays until the transaction ends: neither its extra specs change nor is it deleted. */
async function lockNamedType(db: Database, nameOrId: string): Promise<VolumeType> {
  const named = await findVolumeType(db, nameOrId);
  if (!named) throw volumeTypeNotFound(nameOrId);
  await lockType(db, named.id);
  const type = await findVolumeType(db, named.id);
  if (!type) throw volumeTypeNotFound(nameOrId);
  return type;
}
