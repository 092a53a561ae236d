import type { CreateFailure } from './failure-reason';

/** How the last run of a workflow closed, or that nobody knows of any. */
export type RunEnd = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out' | 'unknown';

const WHAT_HAPPENED: Readonly<Record<RunEnd, string>> = {
  terminated: 'was terminated',
  'timed-out': 'timed out',
  failed: 'failed',
  cancelled: 'was cancelled',
  // The catalog may have come back from an older dump: what the run said since is lost, and the data can't be taken at its word.
  completed: 'has ended, and the catalog does not know of it',
  unknown: 'is not known to Temporal any more',
};

/** A volume that is `creating` although no workflow creates it. */
export function abandonedCreate(run: RunEnd, fromBackup: boolean): CreateFailure {
  const nextStep = fromBackup
    ? 'Retry it (rekindle-retry): what was copied is not copied again. Or delete it.'
    : 'Delete it and create it again.';
  return { code: 'Abandoned', message: `The workflow that created it ${WHAT_HAPPENED[run]}. ${nextStep}` };
}
