import { badRequest, Problem, WEBOB_BAD_REQUEST } from './problems';

/** The minor number of a microversion: every version of this API is 3.x (H-14). */
export type Microversion = number;

export const MIN_VERSION: Microversion = 0;
export const MAX_VERSION: Microversion = 71;

/** What a microversion brought (H-18; Cinder api/microversions.py). */
export const SINCE = {
  strictBooleans: 2,
  messages: 3,
  messagePaging: 5,
  clusters: 7,
  manageable: 8,
  backupUpdate: 9,
  groupFilter: 10,
  groupTypes: 11,
  volumeSummary: 12,
  groupId: 13,
  groupSnapshots: 14,
  etags: 15,
  backupProject: 18,
  providerId: 21,
  forcedDeletion: 23,
  cleanup: 24,
  attachments: 27,
  poolFilter: 28,
  strictFilters: 31,
  logLevels: 32,
  resourceFilters: 33,
  likeFilter: 34,
  poolTypeFilter: 35,
  summaryMetadata: 36,
  limitsFilter: 39,
  backupMetadata: 43,
  count: 45,
  createFromBackup: 47,
  sharedTargets: 48,
  backendState: 49,
  backupZone: 51,
  strictCreate: 53,
  transfers: 55,
  backupUser: 56,
  timeFilters: 60,
  clusterName: 61,
  defaultTypes: 62,
  volumeTypeId: 63,
  encryptionKeyId: 64,
  consumesQuota: 65,
} as const satisfies Record<string, Microversion>;

export const VERSION_HEADER = 'OpenStack-API-Version';

/** `3.47`, or whatever else of that form a client asked for. */
interface AskedVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/**
 * The version that the header asks for; without one it is the lowest (H-14, H-15).
 * `answered` hears the version as soon as it is known, since also a refusal carries it in its headers (H-16).
 * @throws Problem 400, 406
 */
export function negotiate(header: string | undefined, answered: (version: string) => void): Microversion {
  const asked = header === undefined ? lowest : parse(header);
  answered(asked.text);
  if (asked.major === 3 && asked.minor <= MAX_VERSION) return asked.minor;
  throw new Problem(406, `Version ${asked.text} is not supported by the API. Minimum is 3.0 and maximum is 3.71.`);
}

/** For discovery, which must not fail because a client is newer or older than we are (H-13). */
export function negotiateLeniently(header: string | undefined): string {
  try {
    return `3.${negotiate(header, () => undefined)}`;
  } catch (error) {
    if (error instanceof Problem) return lowest.text;
    throw error;
  }
}

const lowest: AskedVersion = { major: 3, minor: MIN_VERSION, text: `3.${MIN_VERSION}` };

/** A comma list in which the item for `volume` counts. */
function parse(header: string): AskedVersion {
  const item = header.split(',').find((text) => text.includes('volume'));
  const [, text, ...more] = item?.trim().split(/\s+/) ?? [];
  // Cinder api/openstack/wsgi.py stumbles here with webob's sentence, and with a 500 where the number is missing.
  if (text === undefined || more.length > 0) throw badRequest(WEBOB_BAD_REQUEST);
  if (text === 'latest') return { major: 3, minor: MAX_VERSION, text: `3.${MAX_VERSION}` };
  const match = /^(\d+)\.(\d+)$/.exec(text);
  if (!match) {
    throw badRequest(`API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  return { major: Number(match[1]), minor: Number(match[2]), text };
}
