import { requireTypeAllowsSize, requireTypeQuota } from './acceptance';
import { Refusal } from './errors';
import type { FactsInPlace } from './facts-in-place';
import { whyUnsuited } from './placement';
import type { Volume } from './volume';
import { isMultiattach } from './volume-type';
import type { VolumeType } from './volume-type';

/*
 * os-retype (H-62): Cinder's rules in its order (volume/api.py, retype), with its texts. A volume gets another type where it lies; the
 * file drivers keep the data of all types alike, so that nothing of it changes.
 */

/** Whether a volume whose new type doesn't suit its pool may be moved to another. Cinder's default is `never`. */
export const MIGRATION_POLICIES = ['on-demand', 'never'] as const;
export type MigrationPolicy = (typeof MIGRATION_POLICIES)[number];

/**
 * Pure: the caller holds the rows.
 * @throws Refusal('InvalidInput' | 'InvalidVolume' | 'VolumeLimitExceeded' | 'VolumeSizeExceedsAvailableQuota')
 */
export function judgeRetype(volume: Volume, policy: MigrationPolicy, facts: FactsInPlace): void {
  const { type } = facts;
  requireTypeAllowsSize(type, volume.sizeGib);
  requireAttachable(volume, type);
  // Cinder counts the volume before it looks whether it is of this type already.
  requireTypeQuota(volume.sizeGib, facts, type);
  if (!['available', 'in-use'].includes(volume.status) || volume.volumeTypeId === type.id) throw notRetypable();
  requireSuited(volume, policy, facts);
}

/** No volume here is of a multiattach type: its pool would have to say that it can have such. */
function requireAttachable({ status }: Volume, type: VolumeType): void {
  if (!isMultiattach(type) || status === 'available') return;
  throw new Refusal(
    'InvalidInput',
    'Invalid input received: Invalid volume_type passed, retypes affecting multiattach are only allowed on available volumes, ' +
      `the specified volume however currently has a status of: ${status}.`,
  );
}

function notRetypable(): Refusal {
  return new Refusal(
    'InvalidVolume',
    'Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency ' +
      'group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs cannot change.',
  );
}

/**
 * Cinder's scheduler asks this after the 202, and leaves a volume that it finds no place for as it was; here the caller is told, and
 * nothing is done either.
 */
function requireSuited({ id, host }: Volume, policy: MigrationPolicy, { pool, type, ...when }: FactsInPlace): void {
  const reason = pool ? whyUnsuited(pool, type, when) : 'no worker serves it';
  if (reason === null) return;
  const place = host === null ? 'it lies on no pool' : `${host}: ${reason}`;
  const instead = policy === 'never' ? "which migration_policy 'never' forbids" : 'which this service does not do';
  throw new Refusal(
    'InvalidVolume',
    `Invalid volume: Volume ${id} can't be of type ${type.name} where it lies: ${place}. Its data would have to be moved, ${instead}.`,
  );
}
