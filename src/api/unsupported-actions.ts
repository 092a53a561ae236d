import type { Actions } from './action';
import { badRequest } from './problems';
import { findVisibleVolume } from './volumes';
import type { VolumeActionParts } from './volume-action';

/** Cinder's actions that need what this service has not: each a 400 that says so, once the volume is found (H-63). */
export const UNSUPPORTED_ACTIONS: Actions<VolumeActionParts> = {
  'os-initialize_connection': refuses('Invalid input received: This service hands out no connections to its volumes.'),
  'os-migrate_volume': refuses('Invalid host: This service does not move volumes between hosts.'),
  'os-migrate_volume_completion': refuses('Invalid volume: Source volume not mid-migration.'),
  'os-extend_volume_completion': refuses('Invalid volume: Volume is not being extended.'),
  'os-volume_upload_image': refuses('Invalid input received: This service knows no images.'),
  'os-reimage': refuses('Invalid input received: This service knows no images.'),
  'os-unmanage': refuses('Invalid input received: This service does not give volumes away.'),
  revert: async (call, { catalog }) => {
    const { id } = await findVisibleVolume(call, catalog);
    throw badRequest(`Volume ${id} doesn't have any snapshots.`);
  },
};

function refuses(message: string): Actions<VolumeActionParts>[string] {
  return async (call, { catalog }) => {
    await findVisibleVolume(call, catalog);
    throw badRequest(message);
  };
}
