import { isCancellation, log, setCurrentDetails } from '@temporalio/workflow';
import type { Abandoned, LookedAt, LookFrom } from '../activities/find-abandoned';
import { controlSteps } from './steps';

/** What an operator finds as the run's result: what was done, and to which volumes and backups. */
export interface Reconciled {
  /** Now `error`, `error_restoring` or `error_extending`, with a reason: their workflow had been terminated. */
  readonly failed: readonly string[];
  /** In the hands of a new run: Temporal had lost theirs, or it was a deletion, which only goes forward. */
  readonly resumed: readonly string[];
  /** What could not be settled in time. The next run tries again. */
  readonly left: readonly string[];
}

/** One that can't be settled now must not keep those that are found later: nobody looks for them while this run goes on. */
const SETTLED_WITHIN_MS = 30_000;

/**
 * Brings volumes and backups to their right end whose workflow is gone: nothing stays `creating`, `restoring`, `extending` or `deleting` for ever,
 * whatever happened to Temporal. A schedule starts it. Safe at any time: what it changes, it changes on behalf of a run that is
 * no more.
 */
export async function reconcile(): Promise<Reconciled> {
  const found: Abandoned[] = [];
  const settling: Promise<boolean>[] = [];
  for (let from: LookFrom | null = { at: 'volumes', after: '' }; from;) {
    const { abandoned, next }: LookedAt = await inTime().findAbandoned(from);
    if (abandoned.length > 0) setCurrentDetails(`found without a workflow: ${abandoned.map(describe).join(', ')}`);
    // Side by side, and beside the next look.
    settling.push(...abandoned.map(isSettled));
    found.push(...abandoned);
    from = next;
  }
  const settled = await Promise.all(settling);
  const idsOf = (end: Abandoned['end']) =>
    found.filter((one, at) => one.end === end && settled[at]).map(({ id }) => id);
  return { failed: idsOf('fail'), resumed: idsOf('resume'), left: found.filter((_, at) => !settled[at]).map(describe) };
}

function inTime() {
  return controlSteps(SETTLED_WITHIN_MS);
}

async function isSettled(abandoned: Abandoned): Promise<boolean> {
  try {
    await settle(abandoned);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('it could not be settled now', { abandoned: describe(abandoned), error });
    return false;
  }
}

async function settle(abandoned: Abandoned): Promise<void> {
  const { id } = abandoned;
  if (abandoned.end === 'resume') return inTime().resumeWork({ work: abandoned.work, id });
  const { work, runId, failure, keepMs } = abandoned;
  if (work === 'restore') return inTime().failRestore({ volumeId: id, failure, runId });
  if (work === 'extension') return inTime().failExtension({ volumeId: id, failure, runId });
  if (keepMs !== null) await inTime().oweRemoval({ volumeId: id, keepMs, runId });
  await inTime().failVolume({ volumeId: id, failure, runId });
}

function describe({ work, id }: Abandoned): string {
  return `${work} of ${id}`;
}
