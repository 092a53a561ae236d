import { z } from 'zod';
import type { CatalogReader } from '../catalog/catalog';
import { one } from './contract';
import type { Reply } from './exchange';
import type { Route } from './route';

interface ZoneParts {
  readonly catalog: CatalogReader;
  readonly availabilityZone: string;
}

const ZONES = z.array(z.strictObject({ zoneName: z.string(), zoneState: z.strictObject({ available: z.boolean() }) }));

/** H-81: the zones of the pools, and the default one, which a request gets that names none (S-7). One whose backends are all disabled is not available. */
export function availabilityZoneRoutes({ catalog, availabilityZone }: ZoneParts): Route[] {
  const list = async (): Promise<Reply> => {
    const pools = await catalog.listPools();
    const zones = new Set([availabilityZone, ...pools.map((pool) => pool.availabilityZone)]);
    const isOff = (zone: string): boolean => {
      const there = pools.filter((pool) => pool.availabilityZone === zone);
      return there.length > 0 && there.every((pool) => pool.isDisabled);
    };
    const info = [...zones].sort().map((zoneName) => ({ zoneName, zoneState: { available: !isOff(zoneName) } }));
    return { status: 200, body: { availabilityZoneInfo: info } };
  };
  return [
    {
      method: 'get',
      path: '/os-availability-zone',
      contract: { gives: { 200: one('availabilityZoneInfo', ZONES) } },
      handle: list,
    },
  ];
}
