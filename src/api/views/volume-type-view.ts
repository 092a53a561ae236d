import type { VolumeType } from '../../domain/volume-type';
import type { Caller } from '../caller';

/** H-80. Extra specs tell of backends: Cinder's policy keeps them for admins. */
export function volumeTypeView({ isAdmin }: Caller, type: VolumeType): object {
  return {
    id: type.id,
    name: type.name,
    is_public: type.isPublic,
    description: type.description,
    ...(isAdmin ? { extra_specs: type.extraSpecs, qos_specs_id: null } : {}),
  };
}

/** In a list, an extension adds a key. */
export function listedVolumeTypeView(caller: Caller, type: VolumeType): object {
  return { ...volumeTypeView(caller, type), 'os-volume-type-access:is_public': type.isPublic };
}
