import type { ControlHouse } from './house';

export interface BandwidthOfVolume {
  readonly volumeId: string;
  /** Null: no limit. */
  readonly bytesPerSecond: number | null;
}

/** Notes what the copy may move; the running attempt reads it with its next sign of life, later ones when they begin. */
export function limitBandwidth(house: ControlHouse) {
  return async ({ volumeId, bytesPerSecond }: BandwidthOfVolume): Promise<void> =>
    house.catalog.limitBandwidth(volumeId, bytesPerSecond);
}
