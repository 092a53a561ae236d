import { z } from 'zod';
import { MIGRATION_POLICIES } from '../domain/retype';
import { validated } from './body';
import type { Reply } from './exchange';
import { pythonRepr } from './python-words';
import type { Call } from './route';
import { closedObject, isNotOfType, requiredText } from './schema-words';
import type { VolumeActionParts } from './volume-action';
import { requireVisibleType } from './volume-types';
import { findVisibleVolume } from './volumes';

const policies = MIGRATION_POLICIES.map((policy) => pythonRepr(policy)).join(', ');

/** Null isn't one of them, though Cinder's schema names its type. */
const migrationPolicy = z.enum(MIGRATION_POLICIES, {
  error: ({ input }) =>
    typeof input === 'string' || input === null
      ? `${pythonRepr(input)} is not one of [${policies}]`
      : isNotOfType("'string', 'null'")(input),
});

export const RETYPE = closedObject({
  'os-retype': closedObject({ new_type: requiredText({}), migration_policy: migrationPolicy.optional() }),
});

/**
 * H-62. Done when it is answered: no data is moved. Cinder looks for the type with an administrator's eyes; here a private one is for
 * who may use it, as in a create (H-36).
 */
export async function retypeVolume(call: Call, { catalog, reportMaxAgeMs }: VolumeActionParts): Promise<Reply> {
  const { new_type: newType, migration_policy: policy = 'never' } = validated(RETYPE, call.body)['os-retype'];
  const { id: volumeId, projectId } = await findVisibleVolume(call, catalog);
  await requireVisibleType(call, newType, catalog);
  await catalog.retypeVolume({ volumeId, projectId, newType, policy, reportMaxAgeMs });
  return { status: 202 };
}
