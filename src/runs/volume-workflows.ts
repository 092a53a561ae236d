import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, Workflow } from '@temporalio/client';
import type {
  CreateVolumeFromBackupRequest,
  CreateVolumeRequest,
  DeleteBackupRequest,
  DeleteVolumeRequest,
} from '../domain/create-request';
import { Refusal } from '../domain/errors';
import type { Explanation } from '../domain/explanation';
import type { ExtendVolumeRequest } from '../domain/extension';
import type { RestoreVolumeRequest } from '../domain/restore';
import {
  CONTROL_QUEUE,
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../temporal';
import type { createVolume } from '../../workflows/create-volume';
import type { createVolumeFromBackup } from '../../workflows/create-volume-from-backup';
import type { deleteBackup } from '../../workflows/delete-backup';
import type { deleteVolume } from '../../workflows/delete-volume';
import type { extendVolume } from '../../workflows/extend-volume';
import type { restoreVolume } from '../../workflows/restore-volume';
import { describeCreation } from './creation-run';
import type { CreationRun } from './creation-run';
import { explainCreation } from './explanation-run';
import { NoAnswer, outcomeOf } from './temporal-answers';
import {
  wordsForBackupDelete,
  wordsForCreate,
  wordsForDelete,
  wordsForExtension,
  wordsForRestore,
} from './workflow-words';

/**
 * Has volumes made and removed. The calls return when the request has been accepted, not when it has been carried out;
 * repeating a call with the same volume id asks for nothing new.
 *
 * @throws Refusal when the request was judged and refused, in words for the caller; NoAnswer when nobody said so in time
 */
export interface VolumeWorkflows {
  /** Afterwards the volume's row is there, `creating`, and its backup is locked. */
  create(request: CreateVolumeRequest): Promise<void>;
  /**
   * Afterwards the volume that had failed is `creating` once more, and its backup is locked.
   * @throws Refusal('Conflict') while a run goes on that creates it
   */
  retry(request: CreateVolumeFromBackupRequest): Promise<void>;
  /**
   * Afterwards the volume is `restoring-backup`, and the backup is locked.
   * @throws Refusal('Conflict') while a run goes on that restores into it
   */
  restore(request: RestoreVolumeRequest): Promise<void>;
  /**
   * Afterwards the volume is `extending`, or larger already.
   * @throws Refusal('Conflict') while a run goes on that extends it
   */
  extend(request: ExtendVolumeRequest): Promise<void>;
  /** Afterwards the volume is `deleting`, or gone. */
  remove(request: DeleteVolumeRequest): Promise<void>;
  /** Afterwards the backup is `deleting`, or gone; its objects go with it. */
  removeBackup(request: DeleteBackupRequest): Promise<void>;
  /**
   * What would become of the request. Returns when that is known, as far as it can be. Changes nothing.
   * @throws Refusal for a type or a backup that there isn't
   */
  explain(request: CreateVolumeRequest, timeoutMs: number): Promise<Explanation>;
  /** How the run that creates the volume stands; null if nobody knows. Changes nothing. */
  describe(volumeId: string): Promise<CreationRun | null>;
}

/** The workflows behind Temporal: each call is one update-with-start, given up after `timeoutMs`. */
export function temporalWorkflows(client: Client, timeoutMs: number, taskQueue = CONTROL_QUEUE): VolumeWorkflows {
  const accepted = async <W extends Workflow>(
    updateId: string,
    startWorkflowOperation: WithStartWorkflowOperation<W>,
  ): Promise<void> => {
    try {
      await client.withDeadline(Date.now() + timeoutMs, () =>
        client.workflow.executeUpdateWithStart('accepted', { updateId, startWorkflowOperation }),
      );
    } catch (error) {
      throw outcomeOf(error);
    }
  };
  return {
    create: async (request) => {
      const { volumeId, backupId } = request;
      await (backupId === null
        ? accepted(volumeId, creation(request, taskQueue))
        : accepted(volumeId, creationFromBackup({ ...request, backupId }, taskQueue, CREATE_POLICY)));
    },
    retry: async (request) => {
      const { volumeId } = request;
      try {
        // To a question that it knows Temporal repeats what the last run answered, and starts none.
        await accepted(randomUUID(), creationFromBackup(request, taskQueue, REPEATABLE_POLICY));
      } catch (error) {
        throw isAlreadyStarted(error) ? alreadyUnderWay(volumeId, 'created', error) : error;
      }
    },
    restore: async (request) => {
      const { volumeId, requestId } = request;
      try {
        await accepted(requestId, restoring(request, taskQueue));
      } catch (error) {
        throw isAlreadyStarted(error) ? alreadyUnderWay(volumeId, 'restored to', error) : error;
      }
    },
    extend: async (request) => {
      const { volumeId, requestId } = request;
      try {
        await accepted(requestId, extending(request, taskQueue));
      } catch (error) {
        throw isAlreadyStarted(error) ? alreadyUnderWay(volumeId, 'extended', error) : error;
      }
    },
    // A question of its own here too: a deletion that was terminated goes on in a new run.
    remove: (request) => accepted(randomUUID(), deletion(request, taskQueue)),
    removeBackup: (request) => accepted(randomUUID(), backupDeletion(request, taskQueue)),
    explain: (request, explainTimeoutMs) =>
      explainCreation(client, request, { timeoutMs: explainTimeoutMs, taskQueue }),
    describe: (volumeId) => describeCreation(client, volumeId, timeoutMs),
  };
}

const POLICY = {
  workflowIdConflictPolicy: 'USE_EXISTING',
  // A worker that is killed in the middle of a workflow task holds it up for so long, and not for the default of 10 s.
  workflowTaskTimeout: '3s',
} as const;
/** A volume id is used once, also when its creation is long over. */
const CREATE_POLICY = { ...POLICY, workflowIdReusePolicy: 'REJECT_DUPLICATE' } as const;
/**
 * A volume is restored to, or extended, as often as one likes, and a creation is retried however Temporal says that the last one
 * ended: the catalog judges, which may be older. Never two at once.
 */
const REPEATABLE_POLICY = {
  ...POLICY,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowIdConflictPolicy: 'FAIL',
} as const;
/** A deletion that was refused or failed may be asked for again. */
const DELETE_POLICY = { ...POLICY, workflowIdReusePolicy: 'ALLOW_DUPLICATE' } as const;

function creation(request: CreateVolumeRequest, taskQueue: string) {
  return new WithStartWorkflowOperation<typeof createVolume>('createVolume', {
    ...CREATE_POLICY,
    ...wordsForCreate(request),
    taskQueue,
    workflowId: createWorkflowId(request.volumeId),
    args: [request],
  });
}

function creationFromBackup(
  request: CreateVolumeFromBackupRequest,
  taskQueue: string,
  policy: typeof CREATE_POLICY | typeof REPEATABLE_POLICY,
) {
  return new WithStartWorkflowOperation<typeof createVolumeFromBackup>('createVolumeFromBackup', {
    ...policy,
    ...wordsForCreate(request),
    taskQueue,
    workflowId: createWorkflowId(request.volumeId),
    args: [request],
  });
}

function restoring(request: RestoreVolumeRequest, taskQueue: string) {
  return new WithStartWorkflowOperation<typeof restoreVolume>('restoreVolume', {
    ...REPEATABLE_POLICY,
    ...wordsForRestore(request),
    taskQueue,
    workflowId: restoreWorkflowId(request.volumeId),
    args: [request],
  });
}

function extending(request: ExtendVolumeRequest, taskQueue: string) {
  return new WithStartWorkflowOperation<typeof extendVolume>('extendVolume', {
    ...REPEATABLE_POLICY,
    ...wordsForExtension(request),
    taskQueue,
    workflowId: extendWorkflowId(request.volumeId),
    args: [request],
  });
}

function deletion(request: DeleteVolumeRequest, taskQueue: string) {
  return new WithStartWorkflowOperation<typeof deleteVolume>('deleteVolume', {
    ...DELETE_POLICY,
    ...wordsForDelete(request),
    taskQueue,
    workflowId: deleteWorkflowId(request.volumeId),
    args: [request],
  });
}

function backupDeletion(request: DeleteBackupRequest, taskQueue: string) {
  return new WithStartWorkflowOperation<typeof deleteBackup>('deleteBackup', {
    ...DELETE_POLICY,
    ...wordsForBackupDelete(request),
    taskQueue,
    workflowId: deleteBackupWorkflowId(request.backupId),
    args: [request],
  });
}

function isAlreadyStarted(error: unknown): boolean {
  return error instanceof NoAnswer && error.cause instanceof WorkflowExecutionAlreadyStartedError;
}

function alreadyUnderWay(volumeId: string, what: 'created' | 'restored to' | 'extended', cause: unknown): Refusal {
  const text = `Volume ${volumeId} is being ${what} at this moment, or has just been: there is nothing to retry.`;
  return new Refusal('Conflict', text, { cause });
}
