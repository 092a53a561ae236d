/** A place for volumes, as a data worker reports it. Capacities are in GiB; fractions are allowed. */
export interface Pool {
  /** `host@backend#pool` (H-83). */
  readonly name: string;
  readonly availabilityZone: string;
  readonly totalCapacityGib: number;
  readonly freeCapacityGib: number;
  /** Sum of the sizes of the volumes that hold a reservation here. Kept by the catalog, not by the reporter. */
  readonly provisionedCapacityGib: number;
  /** 0 to 100: this share of the total is never used. */
  readonly reservedPercentage: number;
  readonly thinProvisioning: boolean;
  /** At least 1; meaningful for thin pools only. */
  readonly maxOverSubscriptionRatio: number;
  /** What type extra specs are compared with, for example `volume_backend_name`. */
  readonly capabilities: Readonly<Record<string, string>>;
  /** When its worker last reported. An older report means that nobody serves the pool. */
  readonly reportedAt: Date;
  /** An administrator has its backend take no new volumes (`cinder service-disable`). */
  readonly isDisabled: boolean;
}

/** What a data worker reports of a pool: all but what the catalog itself knows. */
export type PoolReport = Omit<Pool, 'provisionedCapacityGib' | 'reportedAt' | 'isDisabled'>;

export interface PoolName {
  readonly host: string;
  readonly backend: string;
  readonly pool: string;
}

/** @throws Error if the text isn't `host@backend#pool`. */
export function parsePoolName(name: string): PoolName {
  const match = /^([^@#]+)@([^@#]+)#([^@#]+)$/.exec(name);
  const [, host, backend, pool] = match ?? [];
  if (!host || !backend || !pool) throw new Error(`Not a pool name (host@backend#pool): ${name}`);
  return { host, backend, pool };
}

/** `host@backend`, the unit that a data worker serves and a task queue is named for. */
export function backendOf(poolName: string): string {
  const { host, backend } = parsePoolName(poolName);
  return `${host}@${backend}`;
}
