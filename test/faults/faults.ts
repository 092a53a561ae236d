import type { StepName } from '../../activities/index';
import type { Cut } from '../support/database-link';

/** What may happen to a step, in words that complete a sentence. */
export const STEP_FAULTS = [
  'fails once',
  'fails always',
  'times out',
  'answers, and the answer is lost',
  'runs twice',
  'runs late, after its successor',
  'runs late, when all is over',
  'is cancelled there',
  'is terminated there',
  'is terminated when it has taken effect',
  'is lost by Temporal there',
  'is paused and unpaused',
  'is reset',
] as const;

/** Of steps that write where a volume lies: their volume has been deleted by then, and somebody else's data has its path. */
export const LATEST_FAULT = 'runs late, when its path is used again' as const;

/** What may happen to its connection to the database. */
export const CONNECTION_FAULTS = [
  'loses its connection in the middle',
  'loses its connection before the commit',
  'loses its connection after the commit',
  'hears nothing more of the database',
] as const;

/** What may happen where it writes or reads. */
export const DISK_FAULTS = [
  'meets EIO once',
  'meets EIO always',
  'meets a full disk',
  'meets EIO once in the middle',
  'cannot flush once',
  'cannot flush ever',
  'cannot close once',
] as const;

/** What may happen where it reads, to the backup of its case alone. */
export const REPOSITORY_FAULTS = [
  'cannot reach its repository once',
  'cannot reach its repository ever',
  'finds an object missing',
  'finds an object cut short',
] as const;

export type StepFault = (typeof STEP_FAULTS)[number] | typeof LATEST_FAULT;
export type ConnectionFault = (typeof CONNECTION_FAULTS)[number];
export type DiskFault = (typeof DISK_FAULTS)[number];
export type RepositoryFault = (typeof REPOSITORY_FAULTS)[number];
export type Fault = StepFault | ConnectionFault | DiskFault | RepositoryFault;

export const CUTS: Readonly<Record<ConnectionFault, Cut>> = {
  'loses its connection in the middle': 'in the middle',
  'loses its connection before the commit': 'before the commit',
  'loses its connection after the commit': 'after the commit',
  'hears nothing more of the database': 'silence',
};

export type WorkflowType =
  | 'createVolumeFromBackup'
  | 'createVolume'
  | 'restoreVolume'
  | 'extendVolume'
  | 'deleteVolume'
  | 'deleteBackup'
  | 'reconcile';

/** That this happens to a step of a workflow, the first time that it is run. */
export interface Strike {
  readonly workflow: WorkflowType;
  readonly step: StepName;
  readonly fault: Fault;
}

export function isConnectionFault(fault: Fault): fault is ConnectionFault {
  return fault in CUTS;
}

export function isDiskFault(fault: Fault): fault is DiskFault {
  return DISK_FAULTS.some((one) => one === fault);
}

export function isRepositoryFault(fault: Fault): fault is RepositoryFault {
  return REPOSITORY_FAULTS.some((one) => one === fault);
}
