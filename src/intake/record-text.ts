import { decodeRecord, readRecord } from '../api/backup-record';
import type { DecodedRecord } from '../api/backup-record';
import type { FoundRecord } from './source';

/** A record as clients print it. */
interface Printed {
  service: string;
  url: string;
}

/**
 * The records in a text: what `cinder backup-export` or `openstack volume backup record export` printed, once or several times,
 * as a table or as JSON; what the API answered; or the row itself, decoded.
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

/** `| backup_url | eyJ… |`; where a value was wrapped, its next lines have no name. */
const ROW = /^\|([^|]*)\|([^|]*)\|\s*$/;

function printedIn(text: string): Printed[] {
  const printed: Printed[] = [];
  let field: keyof Printed | null = null;
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = ROW.exec(line) ?? [];
    if (name.trim() !== '') field = FIELDS[name.trim()] ?? null;
    if (name.trim() === 'backup_service') printed.push({ service: '', url: '' });
    const last = printed.at(-1);
    if (field && last) last[field] += value.trim();
  }
  return printed;
}

const FIELDS: Readonly<Record<string, keyof Printed>> = { backup_service: 'service', backup_url: 'url' };
