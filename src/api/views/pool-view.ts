import { backendOf, parsePoolName } from '../../domain/pool';
import type { Pool } from '../../domain/pool';
import { dateTime } from './date-time';

/** A pool in a detailed list, in the words of Cinder's drivers (H-83). */
export function poolView(pool: Pool): object {
  return {
    name: pool.name,
    capabilities: {
      ...pool.capabilities,
      pool_name: parsePoolName(pool.name).pool,
      total_capacity_gb: capacity(pool.totalCapacityGib),
      free_capacity_gb: capacity(pool.freeCapacityGib),
      allocated_capacity_gb: capacity(pool.provisionedCapacityGib),
      provisioned_capacity_gb: capacity(pool.provisionedCapacityGib),
      reserved_percentage: pool.reservedPercentage,
      max_over_subscription_ratio: String(pool.maxOverSubscriptionRatio),
      thin_provisioning_support: pool.thinProvisioning,
      thick_provisioning_support: true,
      multiattach: false,
      QoS_support: false,
      location_info: null,
      backend_state: 'up',
      availability_zone: pool.availabilityZone,
      timestamp: dateTime(pool.reportedAt),
      updated: dateTime(pool.reportedAt),
    },
  };
}

/** JSON knows no infinity; Cinder writes the word. */
function capacity(gib: number): number | 'infinite' {
  return Number.isFinite(gib) ? Math.round(gib * 100) / 100 : 'infinite';
}

/** What a backend can (Cinder api/views/capabilities.py). */
export function backendView({ name, capabilities, thinProvisioning }: Pool): object {
  const thin = {
    title: 'Thin Provisioning',
    description: 'Sets thin provisioning.',
    type: 'boolean',
    default: thinProvisioning,
  };
  return {
    namespace: `OS::Storage::Capabilities::${backendOf(name)}`,
    vendor_name: capabilities['vendor_name'] ?? null,
    volume_backend_name: capabilities['volume_backend_name'] ?? null,
    pool_name: parsePoolName(name).pool,
    driver_version: capabilities['driver_version'] ?? null,
    storage_protocol: capabilities['storage_protocol'] ?? null,
    display_name: null,
    description: null,
    visibility: 'public',
    replication_targets: [],
    properties: { thin_provisioning: thin },
  };
}
