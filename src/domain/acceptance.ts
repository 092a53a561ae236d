import type { Backup } from './backup';
import { mayBecomeReader } from './backup-lock';
import type { BackupLock } from './backup-lock';
import type { CreateVolumeRequest } from './create-request';
import { Refusal } from './errors';
import { fits, typeLimit, typeQuotaName, typeUsage } from './quota';
import type { QuotaLimits, QuotaUsage } from './quota';
import { requireUnencrypted } from './volume-metadata';
import { zonesOf } from './volume-type';
import type { VolumeType } from './volume-type';

/** The fresh rows that a request is judged by. */
export interface AcceptanceFacts {
  /** The type that was asked for, or the default one; null if there is none of that name or id. */
  readonly type: VolumeType | null;
  readonly defaultType: string;
  /** null if the request names no backup, or one that doesn't exist or isn't visible. */
  readonly backup: Backup | null;
  readonly backupLock: BackupLock;
  /** How many volumes read the backup at this moment. */
  readonly backupReaders: number;
  readonly zones: readonly string[];
  readonly defaultZone: string;
  readonly limits: QuotaLimits;
  readonly usage: QuotaUsage;
}

/** What the request became. */
export interface Accepted {
  readonly sizeGib: number;
  readonly type: VolumeType;
  readonly availabilityZone: string;
}

/** What a request is about, before it is judged. */
export interface Wanted extends Accepted {
  /** null: an empty volume. */
  readonly backup: Backup | null;
}

/**
 * The rules S-2 to S-13 in Cinder's order (H-36), with Cinder's texts. Pure: the caller holds the rows.
 * @throws Refusal
 */
export function judge(request: CreateVolumeRequest, facts: AcceptanceFacts): Accepted {
  const wanted = understand(request, facts);
  requireAllowed(wanted, facts);
  const { sizeGib, type, availabilityZone } = wanted;
  return { sizeGib, type, availabilityZone };
}

/** What must be known before anything can be said of the request. @throws Refusal for a type or a backup that there isn't, or no size */
export function understand(request: CreateVolumeRequest, facts: AcceptanceFacts): Wanted {
  const type = requireType(request, facts);
  const backup = requireBackup(request, facts);
  const sizeGib = decideSize(request, backup);
  return { type, backup, sizeGib, availabilityZone: request.availabilityZone ?? facts.defaultZone };
}

/** Whether it may be had now. @throws Refusal */
export function requireAllowed({ type, backup, sizeGib, availabilityZone }: Wanted, facts: AcceptanceFacts): void {
  requireTypeAllowsSize(type, sizeGib);
  if (backup) requireBackupAllows(backup, facts, sizeGib);
  requireZone(availabilityZone, facts, type);
  requireQuota(sizeGib, facts, type);
}

function requireType(request: CreateVolumeRequest, facts: AcceptanceFacts): VolumeType {
  if (facts.type) return facts.type;
  if (request.volumeType === null) {
    throw new Refusal(
      'InvalidInput',
      `The request cannot be fulfilled as the default volume type ${facts.defaultType} cannot be found.`,
    );
  }
  throw volumeTypeNotFound(request.volumeType);
}

/** Cinder volume/volume_types.py: an id is looked up by id, anything else by name, each with its own text (H-36). */
export function volumeTypeNotFound(nameOrId: string): Refusal {
  const isId = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(nameOrId);
  const text = isId
    ? `Volume type ${nameOrId} could not be found.`
    : `Volume type with name ${nameOrId} could not be found.`;
  return new Refusal('VolumeTypeNotFound', text);
}

function requireBackup(request: CreateVolumeRequest, facts: AcceptanceFacts): Backup | null {
  if (request.backupId === null) return null;
  if (facts.backup) return facts.backup;
  throw new Refusal('BackupNotFound', `Backup ${request.backupId} could not be found.`);
}

/** H-38: the backup's size where none is given. S-2. */
function decideSize(request: CreateVolumeRequest, backup: Backup | null): number {
  const sizeGib = request.sizeGib ?? backup?.sizeGib ?? 0;
  if (Number.isSafeInteger(sizeGib) && sizeGib > 0) return sizeGib;
  throw new Refusal(
    'InvalidInput',
    `Invalid input received: Invalid volume size provided for create request: ${sizeGib} ` +
      '(size argument must be an integer (or string representation of an integer) and greater than zero).',
  );
}

/** S-3 (Cinder volume/volume_types.py, provision_filter_on_size). @throws Refusal('InvalidInput') */
export function requireTypeAllowsSize(type: VolumeType, sizeGib: number): void {
  const min = Number(type.extraSpecs['provisioning:min_vol_size'] ?? 0);
  const max = Number(type.extraSpecs['provisioning:max_vol_size'] ?? Infinity);
  if (sizeGib < min) {
    const text = `Specified volume size of '${sizeGib}' is less than the minimum required size of '${min}' for volume type '${type.name}'.`;
    throw new Refusal('InvalidInput', `Invalid input received: ${text}`);
  }
  if (sizeGib > max) {
    const text = `Specified volume size of '${sizeGib}' is greater than the maximum allowable size of '${max}' for volume type '${type.name}'.`;
    throw new Refusal('InvalidInput', `Invalid input received: ${text}`);
  }
}

/** S-5, S-6, and what Cinder finds after the copy only (W-14). @throws Refusal */
export function requireBackupAllows(
  backup: Backup,
  facts: Pick<AcceptanceFacts, 'backupLock' | 'backupReaders'>,
  sizeGib: number,
): void {
  if (!mayBecomeReader(backup.status, facts.backupLock, facts.backupReaders)) throw backupNotAvailable();
  if (sizeGib < backup.sizeGib) {
    throw new Refusal(
      'InvalidInput',
      `Invalid input received: Volume size ${sizeGib}GB cannot be smaller than the backup size ${backup.sizeGib}GB. ` +
        'It must be >= backup size.',
    );
  }
  requireUnencrypted(backup.id, backup.encryptionKeyId);
}

/** S-5: also what a lock that came too late says. */
export function backupNotAvailable(): Refusal {
  return new Refusal('InvalidBackup', "Invalid backup: Originating backup status must be one of 'available' values");
}

/** S-7, S-8. The backup's zone plays no role. */
function requireZone(zone: string, facts: AcceptanceFacts, type: VolumeType): void {
  if (!facts.zones.includes(zone)) {
    throw new Refusal('InvalidInput', `Availability zone '${zone}' is invalid.`);
  }
  const allowed = zonesOf(type);
  if (allowed && !allowed.includes(zone)) {
    const list = allowed.map((text) => `'${text}'`).join(', ');
    throw new Refusal('InvalidInput', `Volume type is only supported in these availability zones: [${list}]`);
  }
}

/** S-11, S-12, S-13: Cinder checks gigabytes before the number of volumes, each for all volumes before those of the type. */
function requireQuota(sizeGib: number, { limits, usage }: AcceptanceFacts, { id, name }: VolumeType): void {
  requireSizeLimit(sizeGib, limits);
  requireGigabytesFor(sizeGib, { limits, usage }, { id, name });
  requireOneMore({ name: 'volumes', limit: limits.volumes, used: usage.volumes });
  requireOneMoreOfType({ limits, usage }, { id, name });
}

/**
 * What a volume takes of its type's quota alone, as it does when it becomes of that type.
 * @throws Refusal('VolumeSizeExceedsAvailableQuota' | 'VolumeLimitExceeded')
 */
export function requireTypeQuota(sizeGib: number, facts: QuotaFacts, type: VolumeType): void {
  requireGigabytesOfType(sizeGib, facts, type);
  requireOneMoreOfType(facts, type);
}

/** S-11. @throws Refusal('VolumeSizeExceedsLimit') */
export function requireSizeLimit(sizeGib: number, { perVolumeGigabytes }: QuotaLimits): void {
  if (fits(perVolumeGigabytes, 0, sizeGib)) return;
  throw new Refusal(
    'VolumeSizeExceedsLimit',
    `VolumeSizeExceedsLimit: Requested volume size ${sizeGib}G is larger than maximum allowed limit ${perVolumeGigabytes}G.`,
  );
}

/** S-12: so many more GiB, of all volumes and of those of the type. @throws Refusal('VolumeSizeExceedsAvailableQuota') */
export function requireGigabytesFor(moreGib: number, { limits, usage }: QuotaFacts, type: NamedType): void {
  requireGigabytes(moreGib, { name: 'gigabytes', limit: limits.gigabytes, used: usage.gigabytes });
  requireGigabytesOfType(moreGib, { limits, usage }, type);
}

type QuotaFacts = Pick<AcceptanceFacts, 'limits' | 'usage'>;
type NamedType = Pick<VolumeType, 'id' | 'name'>;

function requireGigabytesOfType(moreGib: number, { limits, usage }: QuotaFacts, { id, name }: NamedType): void {
  requireGigabytes(moreGib, {
    name: typeQuotaName('gigabytes', name),
    limit: typeLimit(limits, 'gigabytes', id),
    used: typeUsage(usage, 'gigabytes', id),
  });
}

function requireOneMoreOfType({ limits, usage }: QuotaFacts, { id, name }: NamedType): void {
  requireOneMore({
    name: typeQuotaName('volumes', name),
    limit: typeLimit(limits, 'volumes', id),
    used: typeUsage(usage, 'volumes', id),
  });
}

interface Quota {
  readonly name: string;
  readonly limit: number;
  readonly used: number;
}

function requireGigabytes(sizeGib: number, { name, limit, used }: Quota): void {
  if (fits(limit, used, sizeGib)) return;
  throw new Refusal(
    'VolumeSizeExceedsAvailableQuota',
    `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed ${name} quota. ` +
      `Requested ${sizeGib}G, quota is ${limit}G and ${used}G has been consumed.`,
  );
}

function requireOneMore({ name, limit, used }: Quota): void {
  if (fits(limit, used, 1)) return;
  throw new Refusal(
    'VolumeLimitExceeded',
    `VolumeLimitExceeded: Maximum number of volumes allowed (${limit}) exceeded for quota '${name}'.`,
  );
}
