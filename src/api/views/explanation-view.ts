import { z } from 'zod';
import { Refusal } from '../../domain/errors';
import type { ExplainedRefusal, Explanation } from '../../domain/explanation';
import { problemOf } from '../problems';

const count = z.int().min(0).nullable();
const words = z.string().nullable();

const REFUSAL = z.strictObject({
  at_once: z.boolean().describe('Whether the create itself is refused; otherwise its volume ends in error.'),
  status_code: z.int().nullable().describe('What the create would be answered by, if at once.'),
  message: z.string().describe('The text of that answer, or of the user message of the failure.'),
});
const WANTED = z.strictObject({
  name: words.describe("What was given, else the backed-up volume's."),
  size: z.int().min(1).describe('GiB.'),
  volume_type: z.string(),
  availability_zone: z.string(),
});
const BACKUP = z.strictObject({
  id: z.string(),
  name: words,
  status: z.string(),
  size: z.int().describe('GiB.'),
  chain_length: z.int().min(1).nullable().describe('Links down to the full backup; null where one is missing.'),
  readers: z.int().min(0).describe('Volumes that it is being restored to now.'),
  locked: z.boolean().describe("Whether it can't be had until they are ready."),
});
const POOL = z.strictObject({
  name: z.string(),
  chosen: z.boolean(),
  reason: words.describe('All that speaks against it, or what is better about the chosen one.'),
});

export const EXPLANATION = z.strictObject({
  accepted: z.boolean().describe('Whether the create would be answered by 202.'),
  outcome: z
    .enum(['available', 'refused', 'error'])
    .nullable()
    .describe("How it would end; null: that can't be known."),
  refusal: REFUSAL.nullable().describe('What the create would meet first; null: nothing that is known.'),
  volume: WANTED,
  backup: BACKUP.nullable(),
  pools: z.array(POOL),
  path: z.enum(['native', 'copy']).nullable().describe("The driver's own way, or a raw volume and a copy."),
  path_reason: z.string(),
  objects: count.describe('Objects of the chain that are read.'),
  bytes_to_fetch: count.describe('Stored bytes of them, at the most.'),
  bytes_to_write: count.describe('Bytes of the volume that come from them.'),
  zero_bytes: count.describe('The rest of the volume, which reads zero.'),
  plan_reason: words.describe('Why these four are null.'),
  estimate_seconds: count.describe('A wait for its turn not counted.'),
  estimate_bytes_per_second: count.describe('The rate that it rests upon.'),
  estimate_copies: count.describe('How many earlier copies that was measured at.'),
  estimate_reason: z.string(),
  warnings: z.array(z.string()).describe('What may yet go wrong.'),
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
