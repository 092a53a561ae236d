import type { TimeComparison, VolumeFilter } from '../catalog/catalog';
import { MATCHES_NOTHING } from './filters';
import type { FilterReaders } from './filters';
import { SINCE } from './microversions';
import type { Microversion } from './microversions';
import { badRequest } from './problems';
import { parseBoolean, parseDictionary } from './python-words';
import { integer } from './query';

type Readers = FilterReaders<VolumeFilter>;

/** Cinder's resource_filters.json, and what each comes to here (H-54, H-55). */
const FILTERS: Readers = {
  name: (name) => ({ name }),
  status: (status) => ({ status }),
  availability_zone: (availabilityZone) => ({ availabilityZone }),
  size: (text) => ({ sizeGib: integer(text) ?? -1 }),
  metadata: (text) => {
    const metadata = parseDictionary(text);
    return metadata ? { metadata } : MATCHES_NOTHING;
  },
  migration_status: () => MATCHES_NOTHING,
};

/** What a newer version filters by is overlooked by an older one (Cinder api/v3/volumes.py, _MV_ADDED_FILTERS). */
const OVERLOOKED = () => ({});

const NEWER_FILTERS: readonly { readonly since: Microversion; readonly filters: Readers }[] = [
  { since: SINCE.groupFilter, filters: { group_id: () => MATCHES_NOTHING } },
  {
    since: SINCE.timeFilters,
    filters: {
      created_at: (text) => ({ createdAt: readTimes('created_at', text) }),
      updated_at: (text) => ({ updatedAt: readTimes('updated_at', text) }),
    },
  },
  {
    since: SINCE.consumesQuota,
    filters: { consumes_quota: (text) => (parseBoolean(text) === true ? {} : MATCHES_NOTHING) },
  },
];

export function volumeFilters(version: Microversion): Readers {
  const newer = NEWER_FILTERS.flatMap(({ since, filters }) =>
    Object.entries(filters).map(([name, reader]) => [name, version >= since ? reader : OVERLOOKED] as const),
  );
  return {
    ...FILTERS,
    ...Object.fromEntries(newer),
    bootable: (text) => ({ bootable: readBootable(text, version) }),
    ...(version >= SINCE.likeFilter ? { 'name~': (nameContains: string) => ({ nameContains }) } : {}),
  };
}

/** Before 3.2 any text but "false" was true (Cinder volume/api.py, _check_boolean_filter_value). */
function readBootable(text: string, version: Microversion): boolean {
  const value = parseBoolean(text);
  if (version < SINCE.strictBooleans) return !['False', 'false', 'FALSE', ''].includes(text);
  if (value === null) throw badRequest(`Invalid input received: 'bootable = ${text}'`);
  return value;
}

const OPERATORS = ['gt', 'gte', 'eq', 'neq', 'lt', 'lte'] as const;

/** `gt:2026-01-01T00:00:00,lt:…` (H-55). @throws Problem 400 */
function readTimes(filter: string, text: string): readonly TimeComparison[] {
  return text.split(',').map((unit) => {
    const [word = '', time] = unit.split(/:(.*)/s);
    const operator = OPERATORS.find((known) => known === word);
    if (operator === undefined) throw badRequest(`Invalid ${word} operator`);
    if (time === undefined) throw badRequest(`Invalid ${filter} value`);
    const at = parseIsoTime(time);
    if (at === null) throw badRequest(`Invalid ${time} value`);
    return { operator, at };
  });
}

const ISO_TIME =
  /^(?<date>[1-9]\d{3}-\d\d-\d\d)([T ](?<time>\d\d:\d\d(:\d\d(\.\d+)?)?)(?<zone>Z|[+-]\d\d(:?\d\d)?)?)?$/;

/** oslo's parse_isotime, for whole dates: without a zone it is UTC. */
function parseIsoTime(text: string): Date | null {
  const groups = ISO_TIME.exec(text.trim())?.groups;
  if (!groups) return null;
  const { date = '', time = '00:00', zone = 'Z' } = groups;
  const at = new Date(`${date}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
  return Number.isNaN(at.getTime()) ? null : at;
}
