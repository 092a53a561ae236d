import { z } from 'zod';
import { Refusal } from '../../domain/errors';
import type { ExplainedRefusal, Explanation } from '../../domain/explanation';
import { problemOf } from '../problems';

const bytes = z.int().min(0).nullable();
const words = z.string().nullable();

export const EXPLANATION = z.strictObject({
  accepted: z.boolean(),
  outcome: z.enum(['available', 'refused', 'error']).nullable(),
  refusal: z.strictObject({ at_once: z.boolean(), status_code: z.int().nullable(), message: z.string() }).nullable(),
  volume: z.strictObject({
    name: words,
    size: z.int().min(1),
    volume_type: z.string(),
    availability_zone: z.string(),
  }),
  backup: z
    .strictObject({
      id: z.string(),
      name: words,
      status: z.string(),
      size: z.int(),
      chain_length: z.int().min(1).nullable(),
      readers: z.int().min(0),
      locked: z.boolean(),
    })
    .nullable(),
  pools: z.array(z.strictObject({ name: z.string(), chosen: z.boolean(), reason: words })),
  path: z.enum(['native', 'copy']).nullable(),
  path_reason: z.string(),
  objects: bytes,
  bytes_to_fetch: bytes,
  bytes_to_write: bytes,
  zero_bytes: bytes,
  plan_reason: words,
  estimate_seconds: bytes,
  estimate_bytes_per_second: bytes,
  estimate_copies: bytes,
  estimate_reason: z.string(),
  warnings: z.array(z.string()),
});

/** What isn't known is null, and says why. */
export function explanationView(explanation: Explanation): z.infer<typeof EXPLANATION> {
  const { refusal, outcome, volume, backup, pools, path, warnings } = explanation;
  return {
    accepted: outcome !== 'refused',
    outcome,
    refusal: refusal && refusalView(refusal),
    volume: {
      name: volume.name,
      size: volume.sizeGib,
      volume_type: volume.typeName,
      availability_zone: volume.availabilityZone,
    },
    backup: backup && backupView(backup),
    pools: pools.map(({ name, reason }) => ({ name, chosen: reason === null, reason })),
    path: path.mode,
    path_reason: path.reason,
    ...figuresView(explanation),
    warnings: [...warnings],
  };
}

function refusalView({ code, message, isAtOnce }: ExplainedRefusal) {
  const { status } = problemOf(new Refusal(code, message));
  return { at_once: isAtOnce, status_code: isAtOnce ? status : null, message };
}

function backupView({ id, name, status, sizeGib, chainLength, readers, isLocked }: NonNullable<Explanation['backup']>) {
  return { id, name, status, size: sizeGib, chain_length: chainLength, readers, locked: isLocked };
}

function figuresView({ figures, figuresReason, estimate, estimateReason }: Explanation) {
  return {
    objects: figures?.objects ?? null,
    bytes_to_fetch: figures?.fetchedBytes ?? null,
    bytes_to_write: figures?.dataBytes ?? null,
    zero_bytes: figures?.zeroBytes ?? null,
    plan_reason: figuresReason,
    estimate_seconds: estimate?.seconds ?? null,
    estimate_bytes_per_second: estimate?.bytesPerSecond ?? null,
    estimate_copies: estimate?.copies ?? null,
    estimate_reason: estimateReason,
  };
}
