import { ActivityFailure } from '@temporalio/workflow';
import type { CreateVolumeRequest } from '../src/domain/create-request';
import { explanationOf } from '../src/domain/explanation';
import type { Explanation, Plan } from '../src/domain/explanation';
import type { JudgedForPlan } from '../activities/judge-request';
import type { RefusedPool } from '../activities/schedule-volume';
import { closingFailure, createFailureOf, nobodyCame, refusalCodeOf } from './failures';
import { show } from './on-display';
import { MAX_ATTEMPTS } from './pools';
import { controlSteps, planSteps } from './steps';

export interface ExplainRequest extends CreateVolumeRequest {
  /** For the plan; who asks waits not much longer. */
  readonly planWithinMs: number;
}

/** Tells what would become of a request to create a volume. Nothing is changed: no row, no file, no lock. */
export async function explainCreation(request: ExplainRequest): Promise<Explanation> {
  try {
    const explanation = await explained(request);
    show('explained', { details: inWords(explanation) });
    return explanation;
  } catch (failure) {
    const closing = closingFailure(failure);
    show('refused', { details: createFailureOf(closing).message });
    throw closing;
  }
}

/** Goes from pool to pool as the creation would (`pools.ts`). */
async function explained({ planWithinMs, ...request }: ExplainRequest): Promise<Explanation> {
  const refused: RefusedPool[] = [];
  for (;;) {
    const judged = await controlSteps(planWithinMs).judgeRequest({ request, refused });
    const plan = await planOf(judged, request, planWithinMs);
    const { chosen } = judged;
    if (!chosen || plan.kind !== 'hopeless' || plan.failure.code !== 'PoolRefused') return explanationOf(judged, plan);
    if (refused.length + 1 >= MAX_ATTEMPTS) return explanationOf(judged, plan);
    refused.push({ poolName: chosen.poolName, reason: plan.failure.message });
  }
}

async function planOf(
  { chosen, volume, planQueue, policy }: JudgedForPlan,
  { volumeId, backupId, readBack }: CreateVolumeRequest,
  withinMs: number,
): Promise<Plan> {
  if (backupId === null) return { kind: 'nothing-to-move' };
  const poolName = chosen?.poolName ?? null;
  show('explaining', { details: `planning the restore${poolName === null ? '' : ` onto ${poolName}`}` });
  try {
    const onPool = { volumeId, backupId, sizeGib: volume.sizeGib, poolName, readBack, withinMs };
    return await planSteps(planQueue, withinMs).planRestore(onPool);
  } catch (failure) {
    if (!(failure instanceof ActivityFailure)) throw failure;
    const code = refusalCodeOf(failure);
    const { message } = createFailureOf(failure);
    if (code) return { kind: 'hopeless', failure: { code, message } };
    if (nobodyCame(failure))
      return {
        kind: 'unknown',
        reason: 'nobody took up the plan in time: no worker is there, or all are busy with other plans',
      };
    const minutes = Math.round(policy.giveUpAfterMs / 60_000);
    const after = `A creation would try again for ${minutes} minutes, and then end in error.`;
    return { kind: 'unknown', reason: `it could not be planned now: ${message} ${after}` };
  }
}

function inWords({ refusal, outcome, path, figures }: Explanation): string {
  if (refusal) return `it would be ${refusal.isAtOnce ? 'refused' : 'in vain'}: ${refusal.message}`;
  const way = path.mode === null ? `the path is not known: ${path.reason}` : `${path.mode}: ${path.reason}`;
  return `${outcome === null ? 'not all can be known' : 'it would work'}; ${way}; ${figures?.dataBytes ?? 'unknown'} bytes to write`;
}
