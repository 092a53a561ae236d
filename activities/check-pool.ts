import type { ControlHouse } from './house';

/** Whether a pool's worker has reported lately, that is, whether waiting in its queue makes sense. */
export function checkPool(house: ControlHouse) {
  return async ({ poolName }: { poolName: string }): Promise<{ served: boolean }> => {
    const [pools, now] = await Promise.all([house.catalog.listPools(), house.catalog.now()]);
    const pool = pools.find(({ name }) => name === poolName);
    const ageMs = pool ? now.getTime() - pool.reportedAt.getTime() : Infinity;
    return { served: ageMs <= house.settings.reportMaxAgeMs };
  };
}
