import type { CompletedVolume } from '../src/catalog/catalog';
import type { ControlHouse } from './house';

/**
 * The point of no return: volume `available`, with the metadata that `createFromBackup` noted, and, with its last reader, backup
 * `available`, in one transaction.
 */
export function completeVolume(house: ControlHouse) {
  return async (completed: CompletedVolume): Promise<void> => {
    await house.catalog.completeVolume(completed);
  };
}
