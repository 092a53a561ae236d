import { CINDER_STATUSES } from '../domain/status-reset';
import { validated } from './body';
import { requireAdmin } from './caller';
import type { Reply } from './exchange';
import { badRequest } from './problems';
import { pythonRepr } from './python-words';
import type { Call } from './route';
import { closedObject, openObject, optionalText } from './schema-words';
import type { VolumeActionParts } from './volume-action';
import { findVisibleVolume } from './volumes';

const text = optionalText({ max: Infinity });
export const RESET_STATUS = openObject({
  'os-reset_status': closedObject({ status: text, attach_status: text, migration_status: text }),
});

/** H-60. Whether it may be is the catalog's to judge. */
export async function resetStatus(call: Call, { catalog }: VolumeActionParts): Promise<Reply> {
  const asked = validated(RESET_STATUS, call.body)['os-reset_status'];
  if (!asked.status && !asked.attach_status && !asked.migration_status) {
    throw badRequest("Must specify 'status', 'attach_status' or 'migration_status' for update.");
  }
  const status = known(asked.status, { what: 'Volume status', words: CINDER_STATUSES, brackets: '()' });
  const attach = known(asked.attach_status, { what: 'Volume attach status', words: ATTACH, brackets: '[]' });
  const migration = known(asked.migration_status, {
    what: 'Volume migration status',
    words: MIGRATION,
    brackets: '()',
  });
  const { id } = await findVisibleVolume(call, catalog);
  requireAdmin(call.caller, 'volume_extension:volume_admin_actions:reset_status');
  if (status === 'deleting') throw badRequest('Cannot reset-state to deleting');
  if (migration !== undefined && migration !== 'none') {
    throw badRequest(`Cannot reset migration_status to ${migration}: this service migrates no volumes.`);
  }
  await catalog.resetVolume(id, {
    ...(status === undefined ? {} : { status }),
    ...(attach === undefined ? {} : { attached: attach === 'attached' }),
  });
  return { status: 202 };
}

const ATTACH = ['attached', 'detached'] as const;
const MIGRATION = ['migrating', 'error', 'success', 'completing', 'none', 'starting'] as const;

interface Words<Word extends string> {
  readonly what: string;
  readonly words: readonly Word[];
  /** How Python shows the list. */
  readonly brackets: '()' | '[]';
}

/** One of the words, whatever its case; undefined for no text. @throws Problem 400 */
export function known<Word extends string>(
  value: string | null | undefined,
  { what, words, brackets }: Words<Word>,
): Word | undefined {
  if (!value) return undefined;
  const word = words.find((each) => each === value.toLowerCase());
  if (word !== undefined) return word;
  const list = `${brackets[0]}${words.map((each) => pythonRepr(each)).join(', ')}${brackets[1]}`;
  throw badRequest(`${what}: ${value} is invalid, valid statuses are: ${list}.`);
}
