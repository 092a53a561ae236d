import { requireGigabytesFor, requireSizeLimit, requireTypeAllowsSize } from './acceptance';
import { lacksRoom } from './capacity';
import { Refusal } from './errors';
import { VOLUME_MOVES } from './moves';
import type { FactsInPlace } from './facts-in-place';
import type { Volume } from './volume';

/*
 * os-extend (H-62): Cinder's rules in its order (volume/api.py, _extend), with its texts.
 */

/** A request to make a volume larger. Plain data. */
export interface ExtendVolumeRequest {
  readonly volumeId: string;
  /** Of the volume. */
  readonly projectId: string;
  readonly requestId: string;
  readonly newSizeGib: number;
  /** As of a create: what wasn't accepted by then never comes to life. */
  readonly expiresAt: string;
}

/**
 * Pure: the caller holds the rows.
 * @throws Refusal('InvalidInput' | 'InvalidVolume' | 'VolumeSizeExceedsLimit' | 'VolumeSizeExceedsAvailableQuota')
 */
export function judgeExtension(volume: Volume, newSizeGib: number, facts: FactsInPlace): void {
  requireLarger(volume, newSizeGib);
  requireTypeAllowsSize(facts.type, newSizeGib);
  if (!VOLUME_MOVES.beginExtension.from.some((status) => status === volume.status)) throw notExtendable(volume);
  requireSizeLimit(newSizeGib, facts.limits);
  const moreGib = newSizeGib - reservedGib(volume);
  // Of a run that was terminated: what it took counts already.
  if (moreGib <= 0) return;
  requireGigabytesFor(moreGib, facts, facts.type);
  requireRoom(volume, moreGib, facts);
}

/** What quota and pool hold for the volume. */
function reservedGib({ status, sizeGib, extension }: Volume): number {
  return status === 'extending' && extension ? extension.newSizeGib : sizeGib;
}

function requireLarger({ sizeGib }: Volume, newSizeGib: number): void {
  if (newSizeGib > sizeGib) return;
  throw new Refusal(
    'InvalidInput',
    'Invalid input received: New size for extend must be greater than current size. ' +
      `(current: ${sizeGib}, extended: ${newSizeGib}).`,
  );
}

/** Also one that is `in-use`, at any microversion: no driver here extends a volume while it is written to. */
export function notExtendable({ id, status }: Pick<Volume, 'id' | 'status'>): Refusal {
  return new Refusal(
    'InvalidVolume',
    `Invalid volume: Volume ${id} status must be '{'status': 'available'}' to extend, currently ${status}.`,
  );
}

/**
 * Cinder's scheduler asks this after the 202, and leaves a volume that finds no room as it was; here the caller is told, and nothing
 * is done either.
 */
function requireRoom({ id, host }: Volume, moreGib: number, facts: FactsInPlace): void {
  const reason = whyNoRoom(moreGib, facts);
  if (reason === null) return;
  const place = host === null ? 'it lies on no pool' : `${host}: ${reason}`;
  throw new Refusal('InvalidVolume', `Invalid volume: Volume ${id} can't be extended: ${place}.`);
}

function whyNoRoom(moreGib: number, { pool, type, now, reportMaxAgeMs }: FactsInPlace): string | null {
  if (!pool || now.getTime() - pool.reportedAt.getTime() > reportMaxAgeMs) return 'no worker serves it';
  return lacksRoom(pool, type, { sizeGib: moreGib, dataGib: 0 });
}
