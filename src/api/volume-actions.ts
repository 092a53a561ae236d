import { actionContract, actionOf } from './action';
import type { Actions } from './action';
import { ATTACHMENT_ACTIONS, ATTACHMENT_BODIES } from './attachment-actions';
import { validated } from './body';
import { requireAdmin } from './caller';
import type { Reply } from './exchange';
import { IMAGE_METADATA_ACTIONS, IMAGE_METADATA_BODIES } from './image-metadata-actions';
import type { Call, Route } from './route';
import { closedObject, openObject, requiredBoolean } from './schema-words';
import { UNSUPPORTED_ACTIONS } from './unsupported-actions';
import type { VolumeActionParts } from './volume-action';
import { removeVolume } from './volume-deletion';
import { EXTEND, extendVolume } from './volume-extension';
import { RETRY, retryVolume } from './volume-retry';
import { RETYPE, retypeVolume } from './volume-retype';
import { RESET_STATUS, resetStatus } from './volume-status-reset';
import { findVisibleVolume } from './volumes';

/** H-60 to H-63: those of Cinder's actions that there are, and ours. */
const ACTIONS: Actions<VolumeActionParts> = {
  ...UNSUPPORTED_ACTIONS,
  ...ATTACHMENT_ACTIONS,
  ...IMAGE_METADATA_ACTIONS,
  'os-set_bootable': setBootable,
  'os-update_readonly_flag': updateReadonlyFlag,
  'os-extend': extendVolume,
  'os-retype': retypeVolume,
  'os-reset_status': resetStatus,
  'os-force_delete': forceDelete,
  'rekindle-retry': retryVolume,
};

export function volumeActionRoutes(parts: VolumeActionParts): Route[] {
  return [
    {
      method: 'post',
      path: '/volumes/:id/action',
      contract: CONTRACT,
      handle: (call) => actionOf(call.body, ACTIONS)(call, parts),
    },
  ];
}

const SET_BOOTABLE = openObject({ 'os-set_bootable': closedObject({ bootable: requiredBoolean }) });

/** H-62. */
async function setBootable(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const { bootable } = validated(SET_BOOTABLE, call.body)['os-set_bootable'];
  const { id } = await findVisibleVolume(call, catalog);
  await catalog.editVolume(id, { bootable });
  return { status: 200 };
}

const UPDATE_READONLY = openObject({ 'os-update_readonly_flag': closedObject({ readonly: requiredBoolean }) });

/** H-62. */
async function updateReadonlyFlag(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const { readonly: readOnly } = validated(UPDATE_READONLY, call.body)['os-update_readonly_flag'];
  const { id } = await findVisibleVolume(call, catalog);
  await catalog.setReadOnly(id, readOnly);
  return { status: 202 };
}

/** H-61. */
async function forceDelete(call: Call, parts: VolumeActionParts): Promise<Reply> {
  const volume = await findVisibleVolume(call, parts.catalog);
  requireAdmin(call.caller, 'volume_extension:volume_admin_actions:force_delete');
  return removeVolume(call, volume, { ...parts, force: true });
}

const CONTRACT = actionContract(ACTIONS, {
  bodies: {
    ...ATTACHMENT_BODIES,
    ...IMAGE_METADATA_BODIES,
    'os-extend': EXTEND,
    'os-retype': RETYPE,
    'os-set_bootable': SET_BOOTABLE,
    'os-update_readonly_flag': UPDATE_READONLY,
    'os-reset_status': RESET_STATUS,
    'rekindle-retry': RETRY,
  },
  // Only those of image metadata have a body.
  gives: { 200: null, 202: null },
  refuses: [409, 413],
});
