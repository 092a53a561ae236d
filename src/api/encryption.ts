import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import type { Route } from './route';
import { findVisibleVolume } from './volumes';

/** Nothing is encrypted here; Nova asks before it attaches a volume (Cinder api/contrib/volume_encryption_metadata.py). */
export function encryptionRoutes({ catalog }: { readonly catalog: CatalogReader }): Route[] {
  return [
    {
      method: 'get',
      path: '/volumes/:id/encryption',
      contract: { gives: { 200: z.strictObject({ encryption_key_id: z.null() }) } },
      handle: async (call) => {
        await findVisibleVolume(call, catalog);
        return { status: 200, body: { encryption_key_id: null } };
      },
    },
  ];
}
