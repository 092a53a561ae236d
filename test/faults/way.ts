import type { StepName } from '../../activities/index';
import type { Fault, Strike, WorkflowType } from './faults';
import type { Asked, Subject } from './subject';

/** What a case may come to. Each is right in itself (`verify.ts`); which of them may be, `expectations.ts` says. */
export type End =
  | 'available'
  | 'as it was'
  | 'refused'
  | 'error, nothing left'
  | 'error, data kept'
  | 'error, removal owed'
  | 'error_restoring'
  | 'error_extending'
  | 'gone'
  | 'backup as it was'
  | 'backup gone'
  | 'backup error_deleting';

/** One way through a workflow, and the steps that it takes. */
export interface Way {
  readonly name: string;
  readonly workflow: WorkflowType;
  readonly steps: readonly StepName[];
  /** What undoes it, in this order, where the way leads to its undoing. */
  readonly compensations: readonly StepName[];
  /** Left out: whatever can meet these steps. */
  readonly faults?: readonly Fault[];
  /** Where it leads without a fault. */
  readonly end: End;
  /** What always happens on it. */
  readonly given?: readonly Strike[];
  /** What must be there before. */
  readonly prepare: (subject: Subject) => Promise<void>;
  readonly act: (subject: Subject) => Promise<Asked>;
}
