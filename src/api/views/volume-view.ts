import { z } from 'zod';
import type { Volume } from '../../domain/volume';
import { LINKED } from '../contract';
import { linksTo } from '../links';
import { SINCE } from '../microversions';
import type { Call } from '../route';
import { DATE_TIME, dateTime } from './date-time';

const TEXTS = z.record(z.string(), z.string());

export const VOLUME_SUMMARY = z.strictObject({ ...LINKED, name: z.string().nullable() });

/** Of all microversions: what only some of them have is optional. */
export const CREATED_VOLUME = z.looseObject({
  ...LINKED,
  status: z.string(),
  size: z.int().min(1),
  availability_zone: z.string(),
  created_at: DATE_TIME,
  updated_at: DATE_TIME.nullable(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  volume_type: z.string(),
  snapshot_id: z.null(),
  source_volid: z.null(),
  metadata: TEXTS,
  user_id: z.string(),
  bootable: z.enum(['true', 'false']),
  encrypted: z.literal(false),
  replication_status: z.null(),
  consistencygroup_id: z.null(),
  multiattach: z.literal(false),
  attachments: z.array(z.looseObject({ attachment_id: z.string(), volume_id: z.string() })),
  backup_id: z.string().optional(),
  volume_type_id: z.string().optional(),
});

export const VOLUME = CREATED_VOLUME.extend({
  'os-vol-tenant-attr:tenant_id': z.string(),
  'os-vol-host-attr:host': z.string().nullable().optional(),
  volume_image_metadata: TEXTS.optional(),
});

/** A volume in the answer to its POST: without what extensions add to others (H-39). */
export function createdVolumeView(call: Call, volume: Volume): object {
  return { ...standing(call, volume), ...sourceAndPlace(call, volume), ...sinceMicroversion(call, volume) };
}

/** A volume in `GET /volumes/{id}` and in detailed lists (H-45). */
export function volumeView(call: Call, volume: Volume): object {
  return {
    ...createdVolumeView(call, volume),
    'os-vol-tenant-attr:tenant_id': volume.projectId,
    ...(call.caller.isAdmin
      ? {
          'os-vol-mig-status-attr:migstat': null,
          'os-vol-mig-status-attr:name_id': null,
          'os-vol-host-attr:host': volume.host,
        }
      : {}),
    ...(Object.keys(volume.imageMetadata).length > 0 ? { volume_image_metadata: volume.imageMetadata } : {}),
  };
}

/** A volume in a list without details (H-50). */
export function volumeSummary({ place }: Call, { id, name }: Volume): object {
  return { id, name, links: linksTo(place, 'volumes', id) };
}

/*
 * The fields of H-45 in the order in which Cinder emits them (api/v3/views/volumes.py). What this service has no notion of
 * (images, snapshots, groups, migration, attachments, encryption) is what Cinder shows for a volume without it.
 */

function standing({ place }: Call, volume: Volume): object {
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGib,
    availability_zone: volume.availabilityZone,
    created_at: dateTime(volume.createdAt),
    updated_at: dateTime(volume.updatedAt),
    name: volume.name,
    description: volume.description,
    volume_type: volume.volumeTypeName,
    snapshot_id: null,
    source_volid: null,
    metadata: visibleMetadata(volume),
    links: linksTo(place, 'volumes', volume.id),
    user_id: volume.userId,
    bootable: String(volume.bootable),
  };
}

function sourceAndPlace({ caller }: Call, volume: Volume): object {
  return {
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments: attachmentsOf(volume, caller.isAdmin),
    ...(caller.isAdmin ? { migration_status: null } : {}),
    // Not Cinder's, but what gophercloud reads and Terraform plans by (H-150); tempest never looks at such a volume (H-151).
    ...(volume.backupId === null ? {} : { backup_id: volume.backupId }),
  };
}

/** H-45: the user's, and what Cinder adds to it. */
function visibleMetadata({ metadata, readOnly, attachment }: Volume): object {
  return {
    ...metadata,
    ...(readOnly === null ? {} : { readonly: readOnly ? 'True' : 'False' }),
    ...(attachment === null ? {} : { attached_mode: attachment.mode }),
  };
}

function attachmentsOf({ id, attachment }: Volume, isAdmin: boolean): object[] {
  if (attachment === null) return [];
  return [
    {
      id,
      attachment_id: attachment.id,
      volume_id: id,
      server_id: attachment.serverId,
      host_name: isAdmin ? attachment.hostName : null,
      device: attachment.device,
      attached_at: dateTime(new Date(attachment.attachedAt)),
    },
  ];
}

function sinceMicroversion({ version, caller: { isAdmin } }: Call, volume: Volume): object {
  return {
    ...(version >= SINCE.groupId ? { group_id: null } : {}),
    ...(version >= SINCE.providerId && isAdmin ? { provider_id: null } : {}),
    ...(version >= SINCE.sharedTargets ? { shared_targets: true, service_uuid: null } : {}),
    ...(version >= SINCE.clusterName && isAdmin ? { cluster_name: null } : {}),
    ...(version >= SINCE.volumeTypeId ? { volume_type_id: volume.volumeTypeId } : {}),
    ...(version >= SINCE.consumesQuota ? { consumes_quota: true } : {}),
  };
}
