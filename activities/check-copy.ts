import type { ControlHouse } from './house';

/** How long ago any attempt to write the volume showed a sign of life; null: none ever did. */
export function checkCopy(house: ControlHouse) {
  return async ({ volumeId }: { volumeId: string }): Promise<{ seenMsAgo: number | null }> => ({
    seenMsAgo: await house.catalog.writerSeenMsAgo(volumeId),
  });
}
