import { z } from 'zod';
import type { VolumeType } from '../../domain/volume-type';
import type { Caller } from '../caller';

export const EXTRA_SPECS = z.record(z.string(), z.string());

export const VOLUME_TYPE = z.strictObject({
  id: z.string(),
  name: z.string(),
  is_public: z.boolean(),
  description: z.string().nullable(),
  extra_specs: EXTRA_SPECS,
  qos_specs_id: z.null().optional(),
});

/** What the answers to create and update have (Cinder api/views/types.py); tempest's schemas refuse more. */
export const WRITTEN_VOLUME_TYPE = VOLUME_TYPE.omit({ qos_specs_id: true });

export const CREATED_VOLUME_TYPE = WRITTEN_VOLUME_TYPE.extend({ 'os-volume-type-access:is_public': z.boolean() });

export const EXTENDED_VOLUME_TYPE = VOLUME_TYPE.extend({ 'os-volume-type-access:is_public': z.boolean() });

/** H-80. */
export function volumeTypeView(caller: Caller, type: VolumeType): object {
  return { ...writtenVolumeTypeView(caller, type), ...(caller.isAdmin ? { qos_specs_id: null } : {}) };
}

/** As it was updated. */
export function writtenVolumeTypeView(caller: Caller, type: VolumeType): object {
  return {
    id: type.id,
    name: type.name,
    is_public: type.isPublic,
    description: type.description,
    extra_specs: visibleExtraSpecs(caller, type),
  };
}

/** As it was created: an extension adds a key. */
export function createdVolumeTypeView(caller: Caller, type: VolumeType): object {
  return { ...writtenVolumeTypeView(caller, type), 'os-volume-type-access:is_public': type.isPublic };
}

/** In a list and by its id, an extension adds a key; not to the default one (Cinder api/contrib/volume_type_access.py). */
export function extendedVolumeTypeView(caller: Caller, type: VolumeType): object {
  return { ...volumeTypeView(caller, type), 'os-volume-type-access:is_public': type.isPublic };
}

/** Cinder policies/type_extra_specs.py, USER_VISIBLE_EXTRA_SPECS: the others tell of backends, and are for admins. */
const VISIBLE_TO_ALL = ['RESKEY:availability_zones', 'multiattach', 'replication_enabled'];

export function visibleExtraSpecs({ isAdmin }: Caller, { extraSpecs }: VolumeType): VolumeType['extraSpecs'] {
  if (isAdmin) return extraSpecs;
  return Object.fromEntries(Object.entries(extraSpecs).filter(([key]) => VISIBLE_TO_ALL.includes(key)));
}
