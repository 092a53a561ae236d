/** What `cinderVolumeMeta` writes other than for a plain volume without a name. */
export interface CinderVolumeMeta {
  readonly version?: unknown;
  /** Columns of the volume's row. */
  readonly base?: Record<string, unknown>;
  readonly metadata?: Record<string, unknown>;
  readonly imageMetadata?: Record<string, unknown>;
}

/** `volume_meta` as Cinder's backup/driver.py writes it (S-61): JSON text; user and image metadata only if there are any. */
export function cinderVolumeMeta({ version = 2, base, metadata, imageMetadata }: CinderVolumeMeta = {}): string {
  return JSON.stringify({
    version,
    'volume-base-metadata': { ...PLAIN_VOLUME, ...base },
    ...(metadata ? { 'volume-metadata': metadata } : {}),
    ...(imageMetadata ? { 'volume-glance-metadata': imageMetadata } : {}),
  });
}

/** Of the columns that the fixtures show. */
const PLAIN_VOLUME = {
  id: 'e7a5a833-3208-4e87-b1f6-354b24915bb3',
  user_id: '6a1f0f2a2b3c4d5e8f90a1b2c3d4e5f6',
  project_id: 'b9aab0f6d2fd4a5ba1c8d4cf1a7a4d11',
  host: 'lab@lab#lab',
  size: 1,
  availability_zone: 'nova',
  status: 'available',
  display_name: null,
  display_description: null,
  volume_type_id: '3ba67fe5-782c-44b3-ae4d-c5ab6b3c2c3e',
  encryption_key_id: null,
  bootable: false,
  multiattach: false,
};
