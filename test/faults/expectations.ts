import type { StepName } from '../../activities/index';
import { LATEST_FAULT } from './faults';
import type { Fault, Strike } from './faults';
import type { End, Way } from './way';

const FAILED: readonly End[] = ['error, nothing left', 'error, data kept'];

/** Where a fault at this step may lead. Everything that isn't named here leads where the way does without a fault. */
export function endsAfter(way: Way, { step, fault }: Omit<Strike, 'workflow'>): readonly End[] {
  if (way.workflow === 'reconcile') return [way.end];
  if (fault === 'is cancelled there') return cancelledIn(way, step);
  if (fault.startsWith('is terminated')) return terminatedIn(way, step);
  if (fault === 'is lost by Temporal there') return [...terminatedIn(way, step), way.end, ...intended(way)];
  if (fault === LATEST_FAULT) return ['gone'];
  const hopeless = hopelessEnd(way, step, fault);
  return hopeless ? [hopeless] : [way.end];
}

/** How far a new run comes that begins from the start. */
function intended({ end, workflow }: Way): readonly End[] {
  return workflow === 'createVolumeFromBackup' && end !== 'error, removal owed' ? ['available', ...FAILED] : [end];
}

function cancelledIn({ workflow, name, end, compensations }: Way, step: StepName): readonly End[] {
  if (compensations.includes(step)) return [end];
  if (step === 'checkPool') return ['error, removal owed'];
  if (step === 'checkCopy') return ['error, nothing left', 'error, data kept'];
  if (step === 'limitBandwidth') return ['error, nothing left', 'available'];
  if (workflow === 'createVolumeFromBackup' || workflow === 'createVolume') {
    if (step === 'completeVolume') return [end];
    // An empty volume's creation can't be stopped once its pool has it.
    if (step === 'createRawVolume' && workflow === 'createVolume') return [end];
    const mayBeTakenBack = step === 'acceptRequest' || step === 'lockBackup';
    if (name === 'rekindle-retry' && mayBeTakenBack) return FAILED;
    return mayBeTakenBack ? ['refused', 'error, nothing left'] : ['error, nothing left'];
  }
  if (step === 'acceptRestore') return ['as it was', 'error_restoring'];
  if (step === 'restoreBackup') return ['error_restoring'];
  if (step === 'acceptExtension') return ['as it was', 'error_extending'];
  // What only goes forward.
  return [end];
}

function terminatedIn(way: Way, step: StepName): readonly End[] {
  const { workflow, end, compensations, name } = way;
  switch (workflow) {
    case 'createVolumeFromBackup':
    case 'createVolume':
      if (step === 'checkPool') return ['error, removal owed', 'error, data kept'];
      if (step === 'completeVolume' || step === 'limitBandwidth') return ['available', ...FAILED];
      if (compensations.includes(step)) return [end, ...FAILED];
      return name === 'rekindle-retry'
        ? FAILED
        : [...FAILED, ...(step === 'acceptRequest' ? (['refused'] as const) : [])];
    case 'restoreVolume':
      return step === 'completeVolume' ? ['available', 'error_restoring'] : [restored(end), end];
    case 'extendVolume':
      return step === 'completeExtension' ? ['available', 'error_extending'] : [extended(end), end];
    default:
      return [end];
  }
}

const restored = (end: End): End => (end === 'as it was' ? end : 'error_restoring');
const extended = (end: End): End => (end === 'as it was' ? end : 'error_extending');

const HOPELESS: readonly Fault[] = [
  'fails always',
  'meets EIO always',
  'cannot flush ever',
  'cannot reach its repository ever',
];

/** What can't be done, however often it is tried; null for what is over after a while. */
function hopelessEnd({ name, workflow }: Way, step: StepName, fault: Fault): End | null {
  const isHopeless = HOPELESS.includes(fault);
  const isRefused = fault === 'meets a full disk' || fault.startsWith('finds an object');
  if (!isHopeless && !isRefused) return null;
  switch (step) {
    case 'acceptRequest':
      return name === 'rekindle-retry' ? null : 'refused';
    case 'acceptRestore':
    case 'acceptExtension':
      return 'as it was';
    case 'scheduleVolume':
    case 'createRawVolume':
    case 'createFromBackup':
      return name === 'rekindle-retry' && !isRefused ? 'error, data kept' : 'error, nothing left';
    case 'restoreBackup':
      if (workflow === 'restoreVolume') return 'error_restoring';
      return isRefused ? 'error, nothing left' : 'error, data kept';
    case 'extendRawVolume':
      return 'error_extending';
    case 'deleteBackupObjects':
      return 'backup error_deleting';
    default:
      return null;
  }
}
