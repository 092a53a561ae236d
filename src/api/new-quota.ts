import { z } from 'zod';
import { TYPE_QUOTAS, typeQuotaKey, typeQuotaName } from '../domain/quota';
import type { QuotaLimits } from '../domain/quota';
import type { VolumeType } from '../domain/volume-type';
import { validated } from './body';
import { badRequest } from './problems';
import { pythonRepr } from './python-words';
import { integer } from './query';
import { closedObject, isNotOfType, says } from './schema-words';

/** What the names of a quota set come to here. */
const FIELDS = {
  volumes: 'volumes',
  gigabytes: 'gigabytes',
  backups: 'backups',
  backup_gigabytes: 'backupGigabytes',
  per_volume_gigabytes: 'perVolumeGigabytes',
  snapshots: 'snapshots',
  groups: 'groups',
} as const satisfies Record<string, Exclude<keyof QuotaLimits, 'ofTypes'>>;

/** What clients send along and nobody reads (Cinder quota.py, NON_QUOTA_KEYS). */
const OVERLOOKED: readonly string[] = ['tenant_id', 'id'];

const MAX_INT = 2_147_483_647;
const LIMIT = { type: 'integer', minimum: -1, maximum: MAX_INT } as const;

const set = z
  .record(z.string(), z.unknown(), says(isNotOfType("'object'")))
  .refine(
    (limits) => Object.keys(limits).length > 0,
    says((input) => `${pythonRepr(input)} does not have enough properties`),
  )
  .meta({
    properties: Object.fromEntries(Object.keys(FIELDS).map((name) => [name, LIMIT])),
    patternProperties: { [`^(${TYPE_QUOTAS.join('|')})_`]: LIMIT },
    additionalProperties: false,
    minProperties: 1,
  });

type QuotaKey = 'quota_set' | 'quota_class_set';

export function quotaBody(key: QuotaKey) {
  return closedObject({ [key]: set });
}

/** The limits in the body of a PUT under this key, by their names in the body. @throws Problem 400 (H-85) */
export function readQuota(
  body: unknown,
  key: QuotaKey,
  types: readonly VolumeType[],
): { readonly limits: Partial<QuotaLimits>; readonly named: readonly (readonly [string, number])[] } {
  const given = Object.entries(validated(quotaBody(key), body)[key] ?? {});
  const wanted = given.filter(([name]) => !OVERLOOKED.includes(name));
  const typeKeys = new Map(types.flatMap(typeKeysOf));
  const bad = wanted.map(([name]) => name).filter((name) => !Object.hasOwn(FIELDS, name) && !typeKeys.has(name));
  if (bad.length > 0) {
    const what = key === 'quota_set' ? 'quota set' : 'quota class set';
    throw badRequest(`Invalid input received: Bad key(s) in ${what}: ${bad.join(', ')}`);
  }
  const named = wanted.map(([name, value]) => [name, readLimit(name, value)] as const);
  return { named, limits: limitsOf(named, typeKeys) };
}

function typeKeysOf({ id, name }: VolumeType): (readonly [string, string])[] {
  return TYPE_QUOTAS.map((resource) => [typeQuotaName(resource, name), typeQuotaKey(resource, id)] as const);
}

/** oslo_utils.strutils.validate_integer */
function readLimit(name: string, value: unknown): number {
  const limit = typeof value === 'number' && Number.isInteger(value) ? value : integer(String(value));
  if (limit === null) throw badRequest(`${name} must be an integer`);
  if (limit < -1) throw badRequest(`${name} must be >= -1`);
  if (limit > MAX_INT) throw badRequest(`${name} must be <= ${MAX_INT}`);
  return limit;
}

function limitsOf(
  named: readonly (readonly [string, number])[],
  typeKeys: ReadonlyMap<string, string>,
): Partial<QuotaLimits> {
  const ofTypes = named.flatMap(([name, limit]) => {
    const typeKey = typeKeys.get(name);
    return typeKey === undefined ? [] : [[typeKey, limit] as const];
  });
  const others = Object.entries(FIELDS).flatMap(([name, field]) => {
    const found = named.find(([each]) => each === name);
    return found ? [[field, found[1]] as const] : [];
  });
  return { ...Object.fromEntries(others), ofTypes: Object.fromEntries(ofTypes) };
}
