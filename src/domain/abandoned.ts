import type { CreateFailure } from './failure-reason';

/** What a workflow does to a volume, or to a backup, and leaves undone when it is gone. */
export type Work = 'creation' | 'restore' | 'extension' | 'deletion' | 'backup-deletion';

/** How the last run of a workflow closed, or that nobody knows of any. */
export type RunEnd = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed-out' | 'unknown';

const WHAT_HAPPENED: Readonly<Record<RunEnd, string>> = {
  terminated: 'was terminated',
  'timed-out': 'timed out',
  failed: 'failed',
  cancelled: 'was cancelled',
  // The catalog came back from an older dump: what the run said since is lost.
  completed:
    'has ended, and the catalog does not know of it: it is older than the volume, which may have been used since',
  unknown: 'is not known to Temporal any more',
};

const RETRY = 'Retry it (rekindle-retry): what was copied is not copied again. Or delete it.';
const OLDER =
  'Its data was left where it is: look at it first. A retry (rekindle-retry) restores the backup over it, a deletion removes it.';

/** A volume that is `creating` although no workflow creates it. */
export function abandonedCreate(run: RunEnd, fromBackup: boolean): CreateFailure {
  const nextStep = fromBackup ? RETRY : 'Delete it and create it again.';
  const message = `The workflow that created it ${WHAT_HAPPENED[run]}. ${run === 'completed' ? OLDER : nextStep}`;
  return { code: 'Abandoned', message };
}

/** A volume that is `restoring-backup` although no workflow restores it. */
export function abandonedRestore(run: RunEnd): CreateFailure {
  const nextStep =
    run === 'completed'
      ? 'Its data was left as it is: look at it before you restore a backup once more.'
      : 'Restore the backup once more: what was copied is not copied again.';
  return { code: 'Abandoned', message: `The workflow that restored it ${WHAT_HAPPENED[run]}. ${nextStep}` };
}

/** A volume that is `extending` although no workflow extends it. */
export function abandonedExtension(run: RunEnd): CreateFailure {
  return { code: 'Abandoned', message: `The workflow that extended it ${WHAT_HAPPENED[run]}.` };
}
