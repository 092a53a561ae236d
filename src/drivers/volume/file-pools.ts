import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolReport } from '../../domain/pool';
import { GIB } from '../../domain/volume';
import { hasCode } from './system-error';

/** One folder of volume files. */
export interface FilePool {
  readonly name: string;
  readonly path: string;
  /** Capacity to offer; the file system's size where it is left out. */
  readonly capacityGib?: number | undefined;
  readonly reservedPercentage?: number | undefined;
  readonly maxOverSubscriptionRatio?: number | undefined;
  readonly thinProvisioning?: boolean | undefined;
}

/** One kind of storage on one host: several folders. */
export interface FileBackend {
  readonly host: string;
  readonly backend: string;
  readonly availabilityZone: string;
  readonly pools: readonly FilePool[];
  /** Whether this process does nothing else, so that a newer writer on this host may kill it. */
  readonly mayBeKilled?: boolean | undefined;
}

const DRIVER_VERSION = '1.0.0';

/** st_blocks counts in these, whatever the file system's own blocks are (stat(2)). */
const STAT_BLOCK_BYTES = 512;

/**
 * Total is the configured capacity, or else the file system's size. Free is the file system's free space, and with a
 * configured capacity at most what our files have left of it; blocks that clones share count for each of them. A pool
 * whose folder can't be read is not reported, so that the others of its backend still are.
 */
export async function reportFilePools(config: FileBackend): Promise<PoolReport[]> {
  const reports = await Promise.all(config.pools.map((pool) => reportPool(config, pool)));
  return reports.filter((report) => report !== null);
}

async function reportPool(config: FileBackend, pool: FilePool): Promise<PoolReport | null> {
  const capacity = await capacityOf(pool);
  if (!capacity) return null;
  return {
    name: `${config.host}@${config.backend}#${pool.name}`,
    availabilityZone: config.availabilityZone,
    totalCapacityGib: capacity.totalBytes / GIB,
    freeCapacityGib: capacity.freeBytes / GIB,
    reservedPercentage: pool.reservedPercentage ?? 0,
    thinProvisioning: pool.thinProvisioning ?? true,
    // Cinder's default for max_over_subscription_ratio (S-52).
    maxOverSubscriptionRatio: pool.maxOverSubscriptionRatio ?? 20,
    capabilities: {
      volume_backend_name: config.backend,
      storage_protocol: 'file',
      vendor_name: 'Rekindle',
      driver_version: DRIVER_VERSION,
    },
  };
}

/**
 * How many more bytes may be promised to volumes of a pool: of a thin one any number, until it is full; a thick one keeps what it
 * promises. Whether more is promised than a thin pool can ever hold is the catalog's to judge, which knows all volumes.
 */
export async function roomBytesOf({ host, backend, pools }: FileBackend, poolName: string): Promise<number> {
  const pool = pools.find(({ name }) => `${host}@${backend}#${name}` === poolName);
  if (!pool) return 0;
  const isThin = pool.thinProvisioning ?? true;
  // Whether its file system is full, the driver asks anyhow; one without blocks would say so always.
  if (isThin && pool.capacityGib === undefined) return Infinity;
  const freeBytes = (await capacityOf(pool))?.freeBytes ?? 0;
  return isThin && freeBytes > 0 ? Infinity : freeBytes;
}

async function capacityOf(pool: FilePool): Promise<{ totalBytes: number; freeBytes: number } | null> {
  try {
    const { bsize, blocks, bavail } = await statfs(pool.path);
    const freeBytes = bavail * bsize;
    if (pool.capacityGib === undefined) return { totalBytes: blocks * bsize, freeBytes };
    const totalBytes = pool.capacityGib * GIB;
    const leftBytes = Math.max(0, totalBytes - (await allocatedBytesIn(pool.path)));
    return { totalBytes, freeBytes: Math.min(freeBytes, leftBytes) };
  } catch (error) {
    if (isOutOfReach(error)) return null;
    throw error;
  }
}

/** Whether the folder can't be read now, which says nothing of what lies in it. */
export function isOutOfReach(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ESTALE', 'EIO');
}

async function allocatedBytesIn(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('volume-'));
  const bytes = await Promise.all(names.map((name) => allocatedBytes(join(folder, name))));
  return bytes.reduce((sum, count) => sum + count, 0);
}

/** What the file takes of its file system; 0 for what isn't a file. */
export async function allocatedBytes(path: string): Promise<number> {
  const found = await lstat(path).catch((error: unknown) => {
    // Deleted since the folder was read.
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  return found?.isFile() ? found.blocks * STAT_BLOCK_BYTES : 0;
}
