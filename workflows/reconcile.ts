import { setCurrentDetails } from '@temporalio/workflow';
import type { Abandoned, LookedAt, LookFrom } from '../activities/find-abandoned';
import { controlSteps } from './steps';

/** What an operator finds as the run's result: what was done, and to which volumes and backups. */
export interface Reconciled {
  /** Now `error`, `error_restoring` or `error_extending`, with a reason: their workflow had been terminated. */
  readonly failed: readonly string[];
  /** In the hands of a new run: Temporal had lost theirs, or it was a deletion, which only goes forward. */
  readonly resumed: readonly string[];
}

/**
 * Brings volumes and backups to their right end whose workflow is gone: nothing stays `creating`, `restoring`, `extending` or `deleting` for ever,
 * whatever happened to Temporal. A schedule starts it. Safe at any time: what it changes, it changes on behalf of a run that is
 * no more.
 */
export async function reconcile(): Promise<Reconciled> {
  const found: Abandoned[] = [];
  const settling: Promise<void>[] = [];
  for (let from: LookFrom | null = { at: 'volumes', after: '' }; from;) {
    const { abandoned, next }: LookedAt = await controlSteps().findAbandoned(from);
    if (abandoned.length > 0) setCurrentDetails(`found without a workflow: ${abandoned.map(describe).join(', ')}`);
    // Side by side, and beside the next look: one that can't be settled now must not keep the others.
    settling.push(...abandoned.map(settle));
    found.push(...abandoned);
    from = next;
  }
  await Promise.all(settling);
  const idsOf = (end: Abandoned['end']) => found.filter((one) => one.end === end).map(({ id }) => id);
  return { failed: idsOf('fail'), resumed: idsOf('resume') };
}

async function settle(abandoned: Abandoned): Promise<void> {
  const { id } = abandoned;
  if (abandoned.end === 'resume') return controlSteps().resumeWork({ work: abandoned.work, id });
  const { work, runId, failure, keepMs } = abandoned;
  if (work === 'restore') return controlSteps().failRestore({ volumeId: id, failure, runId });
  if (work === 'extension') return controlSteps().failExtension({ volumeId: id, failure, runId });
  if (keepMs !== null) await controlSteps().oweRemoval({ volumeId: id, keepMs, runId });
  await controlSteps().failVolume({ volumeId: id, failure, runId });
}

function describe({ work, id }: Abandoned): string {
  return `${work} of ${id}`;
}
