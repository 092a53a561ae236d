import { decodeRecord, readRecord } from '../api/backup-record';
import type { DecodedRecord } from '../api/backup-record';
import type { FoundRecord } from './source';

/** A record as clients print it. */
interface Printed {
  service: string;
  url: string;
}

/**
 * The records in a text: what `cinder backup-export` or `openstack volume backup record export` printed, once or several times, in
 * any of their formats; what the API answered; or the row itself, decoded.
 * @throws Problem in Cinder's words; Error if there is none
 */
export function recordsIn(text: string): readonly FoundRecord[] {
  const records = text.trimStart().startsWith('{') ? [recordOfJson(text)] : printedIn(text).map(recordOf);
  if (records.length === 0) throw new Error('holds no record');
  return records;
}

function recordOf({ service, url }: Printed): FoundRecord {
  return found(decodeRecord(url), service);
}

function found({ backup, owner }: DecodedRecord, service: string): FoundRecord {
  return { ...backup, owner, service };
}

function recordOfJson(text: string): FoundRecord {
  const answer = objectOf(JSON.parse(text));
  const fields = objectOf(answer['backup-record'] ?? answer);
  const { backup_service: service, backup_url: url } = fields;
  if (typeof service === 'string' && typeof url === 'string') return recordOf({ service, url });
  if (typeof fields['service'] === 'string') return found(readRecord(text), fields['service']);
  throw new Error('holds no record');
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error('holds no record');
}

type Field = keyof Printed;

/** What the clients call the two: cinder and the formats of openstack the first ones, openstack's table the others. */
const FIELDS: Readonly<Record<string, Field>> = {
  backup_service: 'service',
  backup_url: 'url',
  'Backup Service': 'service',
  Metadata: 'url',
};

/** `| backup_url | eyJ… |`; where a value was wrapped, its next lines have no name. */
const TABLE_ROW = /^\|([^|]*)\|([^|]*)\|$/;
/** `backup_url="eyJ…"`, `backup_url: eyJ…` (openstack -f shell, -f yaml). */
const ASSIGNMENT = /^(\w+) ?[=:] ?"?([^"]*)"?$/;
/** Two lines without names (openstack -f value). */
const BARE_SERVICE = /^cinder\.backup\.drivers\.[\w.]+$/;
const BARE_URL = /^eyJ[A-Za-z0-9+/]+={0,2}$/;

function printedIn(text: string): Printed[] {
  const printed: Printed[] = [];
  let field: Field | null = null;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [name, value] = namedIn(line);
    if (name !== '') field = FIELDS[name] ?? null;
    if (name !== '' && field === 'service') printed.push({ service: '', url: '' });
    const last = printed.at(-1);
    if (field && last) last[field] += value;
  }
  return printed;
}

/** Name and value of a line; no name: the last one's value goes on. */
function namedIn(line: string): readonly [string, string] {
  if (BARE_SERVICE.test(line)) return ['backup_service', line];
  if (BARE_URL.test(line)) return ['backup_url', line];
  const [, name = '', value = ''] = TABLE_ROW.exec(line) ?? ASSIGNMENT.exec(line) ?? [];
  return [name.trim(), value.trim()];
}
