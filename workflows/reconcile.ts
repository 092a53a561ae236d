import { setCurrentDetails } from '@temporalio/workflow';
import type { Abandoned } from '../activities/find-abandoned';
import { controlSteps } from './steps';

/** What an operator finds as the run's result: ids of volumes. */
export interface Reconciled {
  /** Now `error`, with a reason: their workflow had been terminated. */
  readonly failed: readonly string[];
  /** Being created by a new run: Temporal had lost theirs. */
  readonly resumed: readonly string[];
  /** Being deleted by a new run. */
  readonly deleted: readonly string[];
}

/**
 * Brings volumes to their right end whose workflow is gone: nothing stays `creating` or `deleting` for ever, whatever happened to
 * Temporal. A schedule starts it. Safe at any time: what it changes, it changes on behalf of a run that is no more.
 */
export async function reconcile(): Promise<Reconciled> {
  const abandoned = await controlSteps().findAbandoned();
  if (abandoned.length > 0) setCurrentDetails(`${abandoned.length} volumes had no workflow any more`);
  // Side by side: one that can't be settled now must not keep the others.
  await Promise.all(abandoned.map(settle));
  const idsOf = (end: Abandoned['end']) => abandoned.filter((one) => one.end === end).map(({ volumeId }) => volumeId);
  return { failed: idsOf('fail'), resumed: idsOf('resume'), deleted: idsOf('delete') };
}

async function settle(abandoned: Abandoned): Promise<void> {
  const { volumeId } = abandoned;
  if (abandoned.end === 'resume') return controlSteps().resumeCreation({ volumeId });
  if (abandoned.end === 'delete') return controlSteps().resumeDeletion({ volumeId });
  const { runId, failure, keepMs } = abandoned;
  await controlSteps().oweRemoval({ volumeId, keepMs, runId });
  await controlSteps().failVolume({ volumeId, failure, runId });
}
