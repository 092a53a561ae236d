import type { RefusalCode } from './errors';
import type { FailureReason, MessageAction } from './user-message';

/** What went wrong with a create, before it is put into words for its user. */
export interface CreateFailure {
  /** The refusal, or why there is none: the run was cancelled, or is gone, or something that isn't certain went on for too long. */
  readonly code: RefusalCode | 'Cancelled' | 'Abandoned' | 'Unknown';
  readonly message: string;
}

interface Wording {
  readonly action: MessageAction;
  readonly detailId: string;
  /** Cinder's own sentence for this detail id (H-87); ours follows it. */
  readonly text: string;
}

const DRIVER_FAILED: Wording = {
  action: 'createVolume',
  detailId: '012',
  text: 'Driver failed to create the volume.',
};
const RESTORE_FAILED: Wording = {
  action: 'restoreBackup',
  detailId: '026',
  text: 'Backup driver failed to restore backup.',
};

const WORDINGS: Partial<Record<CreateFailure['code'], Wording>> = {
  NoValidBackend: {
    action: 'schedule',
    detailId: '003',
    text: 'Could not find any available weighted backend.',
  },
  PoolRefused: DRIVER_FAILED,
  InvalidBackup: RESTORE_FAILED,
  BackupDamaged: RESTORE_FAILED,
  BackupUnreadable: RESTORE_FAILED,
  NoProgress: RESTORE_FAILED,
  AlreadyComplete: { action: 'createVolume', detailId: '001', text: 'The creation was not resumed.' },
  Abandoned: { action: 'createVolume', detailId: '001', text: 'The creation was abandoned.' },
  Cancelled: { action: 'createVolume', detailId: '001', text: 'The creation was cancelled.' },
};

/**
 * The user message of a failed restore.
 * @param isWhole whether nothing had been written yet, so that the volume holds what it held
 */
export function explainRestore({ code, message }: CreateFailure, { isWhole }: { isWhole: boolean }): FailureReason {
  const { action, detailId, text } = RESTORE_FAILED;
  const rest = isWhole
    ? 'Nothing was written: the volume holds what it held before.'
    : "A part of the volume's data is replaced: retry it (action rekindle-retry), or restore a backup again.";
  if (code === 'Cancelled') return { action, detailId: '001', detail: `The restore was cancelled. ${rest}` };
  if (code === 'AlreadyComplete') return { action, detailId: '001', detail: `The restore was not resumed. ${message}` };
  return { action, detailId, detail: `${text} ${message} ${rest}` };
}

/** The user message of a failed extension (H-87). */
export function explainExtension({ code, message }: CreateFailure, { sizeGib }: { sizeGib: number }): FailureReason {
  const action = 'extendVolume';
  const rest = `Its size is ${sizeGib} GiB as before, and its data is untouched: an administrator may reset it to available.`;
  if (code === 'Cancelled') return { action, detailId: '001', detail: `The extension was cancelled. ${rest}` };
  if (code === 'Abandoned')
    return { action, detailId: '001', detail: `The extension was abandoned. ${message} ${rest}` };
  return { action, detailId: '010', detail: `Volume Driver failed to extend volume. ${message} ${rest}` };
}

/** What a user can do. The messages of the other codes say so themselves. */
const NEXT_STEPS: Partial<Record<CreateFailure['code'], string>> = {
  PoolRefused: 'Retry it when there is room (action rekindle-retry), or delete it.',
  NoValidBackend: 'Retry it when a pool that suits it has room and is up (action rekindle-retry), or delete it.',
  Cancelled: 'Retry it (action rekindle-retry), or delete it.',
  Unknown: 'Retry it (action rekindle-retry), or delete it.',
};

/** The user message of a failed create: Cinder's code and sentence, then what was wrong in particular. */
export function explain(failure: CreateFailure): FailureReason {
  const { action, detailId, text } = WORDINGS[failure.code] ?? DRIVER_FAILED;
  const reason = failure.code === 'Cancelled' ? text : `${text} ${failure.message}`;
  const nextStep = NEXT_STEPS[failure.code];
  return { action, detailId, detail: nextStep === undefined ? reason : `${reason.replace(/\.?$/, '.')} ${nextStep}` };
}
