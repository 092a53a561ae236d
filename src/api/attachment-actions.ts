import { z } from 'zod';
import type { CatalogEdits } from '../catalog/catalog';
import { validated } from './body';
import { requireAdmin } from './caller';
import type { Reply } from './exchange';
import type { Call } from './route';
import {
  closedObject,
  isNotOfType,
  isNotValidUnderAny,
  openObject,
  optionalUuid,
  requiredText,
  says,
} from './schema-words';
import type { VolumeAction, VolumeActionParts } from './volume-action';
import { findVisibleVolume } from './volumes';

/** H-63: who uses a volume is written down; how he reaches it is no business of this service. */
export const ATTACHMENT_ACTIONS = {
  'os-reserve': moves((catalog, id) => catalog.reserveVolume(id)),
  'os-unreserve': moves((catalog, id) => catalog.unreserveVolume(id)),
  'os-begin_detaching': moves((catalog, id) => catalog.beginDetaching(id)),
  'os-roll_detaching': moves((catalog, id) => catalog.rollDetaching(id)),
  'os-attach': attach,
  'os-detach': detach,
  'os-force_detach': forceDetach,
  'os-terminate_connection': terminateConnection,
};

function moves(move: (catalog: CatalogEdits, volumeId: string) => Promise<void>): VolumeAction {
  return async (call, { catalog }) => {
    const { id } = await findVisibleVolume(call, catalog);
    await move(catalog, id);
    return { status: 202 };
  };
}

const ATTACH = openObject({
  'os-attach': closedObject({
    instance_uuid: optionalUuid.refine((id) => id !== null, says(isNotOfType("'string'"))),
    mountpoint: requiredText({ min: 1, max: 255 }),
    host_name: requiredText({ max: 255 }).optional(),
    mode: z.enum(['rw', 'ro'], { error: ({ input }) => `${String(input)} is not one of ['rw', 'ro']` }).default('rw'),
  }).refine((one) => one.instance_uuid !== undefined || one.host_name !== undefined, says(isNotValidUnderAny)),
});

async function attach(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const asked = validated(ATTACH, call.body)['os-attach'];
  const { id } = await findVisibleVolume(call, catalog);
  await catalog.attachVolume(id, {
    serverId: asked.instance_uuid ?? null,
    hostName: asked.host_name ?? null,
    device: asked.mountpoint,
    mode: asked.mode,
  });
  return { status: 202 };
}

const DETACH = openObject({ 'os-detach': closedObject({ attachment_id: optionalUuid }).nullable() });

async function detach(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const asked = validated(DETACH, call.body)['os-detach'];
  const { id } = await findVisibleVolume(call, catalog);
  await catalog.detachVolume(id, asked?.attachment_id ?? null);
  return { status: 202 };
}

const FORCE_DETACH = openObject({
  'os-force_detach': closedObject({
    connector: z.unknown().optional(),
    attachment_id: requiredText({}).nullish(),
  }),
});

async function forceDetach(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const asked = validated(FORCE_DETACH, call.body)['os-force_detach'];
  const { id } = await findVisibleVolume(call, catalog);
  requireAdmin(call.caller, 'volume_extension:volume_admin_actions:force_detach');
  await catalog.detachVolume(id, asked.attachment_id ?? null);
  return { status: 202 };
}

/** There is none, so it is terminated. */
async function terminateConnection(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  await findVisibleVolume(call, catalog);
  return { status: 202 };
}

export const ATTACHMENT_BODIES = { 'os-attach': ATTACH, 'os-detach': DETACH, 'os-force_detach': FORCE_DETACH };
