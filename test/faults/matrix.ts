import type { StepName } from '../../activities/index';
import { endsAfter } from './expectations';
import { CONNECTION_FAULTS, DISK_FAULTS, LATEST_FAULT, STEP_FAULTS } from './faults';
import type { DiskFault, Fault } from './faults';
import type { Case } from './run-case';
import { WAYS } from './ways';
import type { Way } from './way';

export interface NamedCase extends Case {
  readonly name: string;
}

/** Steps that say the volume's or the backup's id to the database within a transaction. */
const TRANSACTIONS: readonly StepName[] = [
  'acceptRequest',
  'withdrawRequest',
  'failVolume',
  'acceptRestore',
  'failRestore',
  'acceptExtension',
  'failExtension',
  'completeExtension',
  'lockBackup',
  'releaseBackup',
  'scheduleVolume',
  'oweRemoval',
  'completeVolume',
  'beginDeletion',
  'finishDeletion',
  'beginBackupDeletion',
  'failBackupDeletion',
  'createFromBackup',
  'restoreBackup',
  'removeVolume',
];

/** Steps that write where a volume lies. */
const WRITING: readonly StepName[] = ['createFromBackup', 'createRawVolume', 'restoreBackup', 'extendRawVolume'];

/** Where a driver or a repository is called, and what it may meet there. */
const ON_DISK: Partial<Record<StepName, readonly DiskFault[]>> = {
  createRawVolume: ['meets EIO once', 'meets EIO always', 'meets a full disk', 'meets EIO once in the middle'],
  extendRawVolume: ['meets EIO once', 'meets EIO always', 'meets a full disk', 'meets EIO once in the middle'],
  removeVolume: ['meets EIO once', 'meets EIO once in the middle'],
  restoreBackup: DISK_FAULTS,
};
const ON_DISK_NATIVELY: readonly DiskFault[] = ['meets EIO once', 'meets a full disk', 'meets EIO once in the middle'];

/** Every step of every way with every fault that can meet it. */
export function matrix(): NamedCase[] {
  return WAYS.flatMap((way) => [...way.steps, ...way.compensations].flatMap((step) => casesAt(way, step)));
}

function casesAt(way: Way, step: StepName): NamedCase[] {
  return faultsAt(way, step).map((fault) => {
    const { name, workflow } = way;
    const ends = endsAfter(way, { step, fault });
    const strikes = [{ workflow, step, fault }];
    return { name: `${name}, ${step}: it ${fault} → ${ends.join(' or ')}`, way, strikes, ends };
  });
}

export function faultsAt(way: Way, step: StepName): readonly Fault[] {
  if (way.faults) return way.faults;
  const onDisk = way.name.endsWith('own way') && step === 'createFromBackup' ? ON_DISK_NATIVELY : ON_DISK[step];
  const writes = WRITING.includes(step) && way.end === 'available' && way.name !== 'rekindle-retry';
  return [
    ...STEP_FAULTS,
    ...(writes ? [LATEST_FAULT] : []),
    ...(TRANSACTIONS.includes(step) ? CONNECTION_FAULTS : []),
    ...(onDisk ?? []),
  ];
}

/** Ways whose steps meet these faults in every run of the tests; what else there is they share out among them. */
const ALWAYS = [
  'createVolumeFromBackup',
  'createVolume',
  'restoreVolume',
  'extendVolume',
  'deleteVolume',
  'deleteBackup',
];
const ALWAYS_MET: readonly Fault[] = [
  'fails once',
  'fails always',
  'answers, and the answer is lost',
  'runs late, after its successor',
  LATEST_FAULT,
  'is cancelled there',
  'is terminated there',
  'is paused and unpaused',
  'is reset',
];
const ONE_IN = 8;

/** Some hundred of them: what has to pass with each change. The whole matrix takes `npm run faults`. */
export function matrixInShort(): NamedCase[] {
  return matrix().filter(({ way, strikes: [strike] }, index) => {
    const isMet = ALWAYS.includes(way.name) && strike !== undefined && ALWAYS_MET.includes(strike.fault);
    return isMet || index % ONE_IN === 0;
  });
}

const SLOW: readonly Fault[] = [
  'fails always',
  'times out',
  'meets EIO always',
  'cannot flush ever',
  'cannot reach its repository ever',
];

/** Whether it waits for long: for a time to run out, or for somebody to give up. */
export function isSlow({ way, strikes }: NamedCase): boolean {
  return /nobody serves|cannot begin/.test(way.name) || strikes.some(({ fault }) => SLOW.includes(fault));
}
