import { randomBytes, randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { StepName } from '../../activities/index';
import { retryRequestOf } from '../../src/domain/retry';
import {
  createWorkflowId,
  deleteBackupWorkflowId,
  deleteWorkflowId,
  extendWorkflowId,
  restoreWorkflowId,
} from '../../src/temporal';
import { eventually } from '../support/eventually';
import type { Strike, WorkflowType } from './faults';
import { givenUp } from './injector';
import { ask, expiryOf, importBackup, workflowsOf } from './subject';
import type { Asked, Content, Subject } from './subject';
import { DATA_BYTES, sha256 } from './world';

const KIB = 1024;
/** Behind the backup's end, in a volume that was in use. */
const REST_BYTES = 64 * KIB;

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
  /** Where it leads without a fault. */
  readonly end: End;
  /** What always happens on it. */
  readonly given?: readonly Strike[];
  /** Has a backup of its own, with objects that nobody else reads. */
  readonly hasOwnObjects?: boolean;
  /** What must be there before. */
  readonly prepare: (subject: Subject) => Promise<void>;
  readonly act: (subject: Subject) => Promise<Asked>;
}

const UNDO_CREATE: readonly StepName[] = ['oweRemoval', 'releaseBackup', 'failVolume', 'removeVolume'];

const COPY: Way = {
  name: 'createVolumeFromBackup',
  workflow: 'createVolumeFromBackup',
  steps: [
    'acceptRequest',
    'lockBackup',
    'scheduleVolume',
    'createFromBackup',
    'createRawVolume',
    'restoreBackup',
    'completeVolume',
  ],
  compensations: [],
  end: 'available',
  prepare: (subject) => restorable(subject, 'zlib'),
  act: create,
};

const fromBackup = (step: StepName, fault: Strike['fault']): Strike => ({
  workflow: 'createVolumeFromBackup',
  step,
  fault,
});

export const WAYS: readonly Way[] = [
  COPY,
  {
    ...COPY,
    name: "createVolumeFromBackup, the driver's own way",
    steps: ['createFromBackup', 'completeVolume'],
    prepare: (subject) => restorable(subject, 'none'),
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup of a damaged backup',
    steps: [],
    compensations: UNDO_CREATE,
    end: 'error, nothing left',
    prepare: (subject) => restorable(subject, 'damaged'),
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup cancelled in its copy',
    steps: [],
    compensations: UNDO_CREATE,
    end: 'error, nothing left',
    given: [fromBackup('restoreBackup', 'is cancelled there')],
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup given up in its copy',
    steps: [],
    compensations: ['oweRemoval', 'releaseBackup', 'failVolume'],
    end: 'error, data kept',
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      giveUp(subject);
    },
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup whose backup is taken meanwhile',
    steps: [],
    compensations: ['releaseBackup', 'withdrawRequest'],
    end: 'refused',
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      subject.faults.beforeStep('createVolumeFromBackup', 'lockBackup', async () => {
        await subject.world.query(`update backups set status = 'restoring' where id = $1`, [subject.backupId]);
        subject.backupStatus = 'restoring';
      });
    },
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup onto a pool that nobody serves',
    steps: ['checkPool'],
    compensations: [],
    end: 'error, removal owed',
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      await deserted(subject);
    },
    act: async (subject) => {
      const asked = await create(subject);
      await eventually(
        async () => (await subject.world.catalog.findVolume(subject.volumeId, 'all-projects'))?.host ?? null,
      );
      await subject.world.query(`update pools set reported_at = reported_at - interval '1 day' where name = $1`, [
        desertedPool(subject),
      ]);
      return asked;
    },
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup whose copy cannot begin',
    steps: ['checkCopy'],
    end: 'error, data kept',
    given: [fromBackup('restoreBackup', 'fails always')],
  },
  {
    ...COPY,
    name: 'createVolumeFromBackup, its bandwidth limited',
    steps: ['limitBandwidth'],
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      subject.faults.beforeStep('createVolumeFromBackup', 'restoreBackup', async () => {
        const handle = subject.world.house.client.workflow.getHandle(createWorkflowId(subject.volumeId));
        await handle.executeUpdate('limitBandwidth', { args: [{ bytesPerSecond: 50_000_000 }] }).catch(() => undefined);
      });
    },
  },
  {
    ...COPY,
    name: 'rekindle-retry',
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      giveUp(subject);
      await create(subject);
      await ended(subject, createWorkflowId(subject.volumeId));
      subject.messagesBefore = 1;
    },
    act: async (subject) => {
      const volume = await subject.world.catalog.findVolume(subject.volumeId, 'all-projects');
      return ask(workflowsOf(subject).retry(retryRequestOf(volume!, subject.backupId)));
    },
  },
  {
    name: 'createVolume',
    workflow: 'createVolume',
    steps: ['acceptRequest', 'scheduleVolume', 'createRawVolume', 'completeVolume'],
    compensations: [],
    end: 'available',
    prepare: async (subject) => {
      subject.after = EMPTY;
    },
    act: createEmpty,
  },
  {
    name: 'restoreVolume',
    workflow: 'restoreVolume',
    steps: ['acceptRestore', 'restoreBackup', 'completeVolume'],
    compensations: [],
    end: 'available',
    prepare: async (subject) => {
      await usedVolume(subject);
      await restorable(subject, 'zlib');
    },
    act: restore,
  },
  {
    name: 'restoreVolume of a damaged backup',
    workflow: 'restoreVolume',
    steps: [],
    compensations: ['failRestore'],
    end: 'error_restoring',
    prepare: async (subject) => {
      await usedVolume(subject);
      await restorable(subject, 'damaged');
    },
    act: restore,
  },
  {
    name: 'restoreVolume that is refused',
    workflow: 'restoreVolume',
    steps: [],
    compensations: ['withdrawRestore'],
    end: 'as it was',
    prepare: async (subject) => {
      await usedVolume(subject);
      await restorable(subject, 'zlib');
      await subject.world.query(`update backups set status = 'error' where id = $1`, [subject.backupId]);
      subject.backupStatus = 'error';
    },
    act: restore,
  },
  {
    name: 'extendVolume',
    workflow: 'extendVolume',
    steps: ['acceptExtension', 'extendRawVolume', 'completeExtension'],
    compensations: [],
    end: 'available',
    prepare: extensible,
    act: (subject) => extend(subject, 2),
  },
  {
    name: 'extendVolume that the pool refuses',
    workflow: 'extendVolume',
    steps: [],
    compensations: ['failExtension'],
    end: 'error_extending',
    prepare: async (subject) => {
      await extensible(subject);
      subject.world.disks.fail(subject.volumeId, 'meets a full disk');
    },
    act: (subject) => extend(subject, 2),
  },
  {
    name: 'extendVolume that is refused',
    workflow: 'extendVolume',
    steps: [],
    compensations: ['withdrawExtension'],
    end: 'as it was',
    prepare: extensible,
    act: (subject) => extend(subject, 1),
  },
  {
    name: 'deleteVolume',
    workflow: 'deleteVolume',
    steps: ['beginDeletion', 'oweRemoval', 'locateVolume', 'removeVolume', 'finishDeletion'],
    compensations: [],
    end: 'gone',
    prepare: usedVolume,
    act: remove,
  },
  {
    name: 'deleteVolume of one that is being created',
    workflow: 'deleteVolume',
    steps: ['cancelWork'],
    compensations: [],
    end: 'gone',
    prepare: async (subject) => {
      await restorable(subject, 'zlib');
      await heldCreate(subject);
    },
    act: remove,
  },
  {
    name: 'deleteBackup',
    workflow: 'deleteBackup',
    steps: ['beginBackupDeletion', 'deleteBackupObjects', 'finishBackupDeletion'],
    compensations: [],
    end: 'backup gone',
    hasOwnObjects: true,
    prepare: (subject) => importBackup(subject, ownChain(subject).links.slice(0, 1)),
    act: removeBackup,
  },
  {
    name: 'deleteBackup that cannot be done',
    workflow: 'deleteBackup',
    steps: [],
    compensations: ['failBackupDeletion'],
    end: 'backup error_deleting',
    prepare: async (subject) => {
      const [leaf] = subject.world.chains.zlib.links;
      const elsewhere = { service: 'cinder.backup.drivers.swift', serviceMetadata: subject.backupId };
      await importBackup(subject, [{ ...leaf!, ...elsewhere, parentId: null }]);
    },
    act: removeBackup,
  },
  {
    ...COPY,
    name: 'reconcile, of a create that was terminated',
    workflow: 'reconcile',
    steps: ['findAbandoned', 'oweRemoval', 'failVolume'],
    end: 'error, data kept',
    given: [fromBackup('restoreBackup', 'is terminated there')],
  },
  {
    name: 'reconcile, of a restore that was terminated',
    workflow: 'reconcile',
    steps: ['failRestore'],
    compensations: [],
    end: 'error_restoring',
    given: [{ workflow: 'restoreVolume', step: 'restoreBackup', fault: 'is terminated there' }],
    prepare: async (subject) => {
      await usedVolume(subject);
      await restorable(subject, 'zlib');
    },
    act: restore,
  },
  {
    name: 'reconcile, of an extension that was terminated',
    workflow: 'reconcile',
    steps: ['failExtension'],
    compensations: [],
    end: 'error_extending',
    given: [{ workflow: 'extendVolume', step: 'extendRawVolume', fault: 'is terminated there' }],
    prepare: extensible,
    act: (subject) => extend(subject, 2),
  },
  {
    name: 'reconcile, of a deletion that was terminated',
    workflow: 'reconcile',
    steps: ['resumeWork'],
    compensations: [],
    end: 'gone',
    given: [{ workflow: 'deleteVolume', step: 'oweRemoval', fault: 'is terminated there' }],
    prepare: usedVolume,
    act: remove,
  },
];

const EMPTY: Content = { sha256: sha256(Buffer.alloc(REST_BYTES)), bytes: REST_BYTES, sizeGib: 1 };

async function restorable(subject: Subject, chain: 'zlib' | 'none' | 'damaged'): Promise<void> {
  const { links, image } = subject.world.chains[chain];
  await importBackup(subject, links);
  subject.after = contentOf(subject, image);
}

/** Of a volume that this is restored to: what it held behind the backup's end stays. */
function contentOf({ before }: Subject, image: Buffer): Content {
  const rest = before ? REST : Buffer.alloc(REST_BYTES);
  return { sha256: sha256(Buffer.concat([image, rest])), bytes: DATA_BYTES + REST_BYTES, sizeGib: 1 };
}

function ownChain(subject: Subject) {
  const chain = subject.world.newChain();
  subject.faults.object = chain.pathOf(chain.links[0]!, '-00001');
  return chain;
}

const REST = randomBytes(REST_BYTES);
const USED = Buffer.concat([randomBytes(DATA_BYTES), REST]);

/** An available volume of 1 GiB that somebody has used. */
async function usedVolume(subject: Subject): Promise<void> {
  await availableVolume(subject);
  const handle = await open(subject.file, 'r+');
  await handle.write(USED, 0, USED.length, 0);
  await handle.close();
  subject.before = { sha256: sha256(USED), bytes: USED.length, sizeGib: 1 };
  subject.requestId = `req-${randomUUID()}`;
}

async function availableVolume(subject: Subject): Promise<void> {
  await createEmpty(subject);
  await ended(subject, createWorkflowId(subject.volumeId));
  const status = await statusOf(subject);
  if (status !== 'available') throw new Error(`The volume that the case needs is ${status}`);
}

async function extensible(subject: Subject): Promise<void> {
  await usedVolume(subject);
  subject.after = { ...subject.before!, sizeGib: 2 };
}

/** The copy gives up, the first time. */
function giveUp(subject: Subject): void {
  subject.faults.beforeStep('createVolumeFromBackup', 'restoreBackup', async () => {
    throw givenUp();
  });
}

/** A create whose copy goes on until it is cancelled. */
async function heldCreate(subject: Subject): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    subject.faults.holdUntilCancelled('createVolumeFromBackup', 'restoreBackup', resolve);
  });
  await create(subject);
  await reached;
}

function desertedPool({ volumeId }: Subject): string {
  return `gone@${volumeId}#pool`;
}

/** A pool in a zone of its own, whose worker has just died: it has reported, and serves no queue. */
async function deserted(subject: Subject): Promise<void> {
  const { catalog } = subject.world;
  const [pool] = await catalog.listPools();
  subject.zone = subject.volumeId;
  await catalog.reportPools([{ ...pool!, name: desertedPool(subject), availabilityZone: subject.zone }]);
}

async function statusOf({ world, volumeId }: Subject): Promise<string | undefined> {
  return (await world.catalog.findVolume(volumeId, 'all-projects'))?.status;
}

async function ended({ world }: Subject, workflowId: string): Promise<void> {
  await world.house.client.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
}

async function create(subject: Subject): Promise<Asked> {
  return createAny(subject, subject.backupId);
}

async function createEmpty(subject: Subject): Promise<Asked> {
  return createAny(subject, null);
}

async function createAny(subject: Subject, backupId: string | null): Promise<Asked> {
  subject.workflowIds.add(createWorkflowId(subject.volumeId));
  const { volumeId, projectId, requestId } = subject;
  return ask(
    workflowsOf(subject).create({
      volumeId,
      backupId,
      projectId,
      requestId,
      userId: 'tester',
      sizeGib: 1,
      name: null,
      description: null,
      volumeType: null,
      availabilityZone: subject.zone,
      metadata: {},
      readBack: false,
      expiresAt: await expiryOf(subject),
    }),
  );
}

async function restore(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(restoreWorkflowId(subject.volumeId));
  const { volumeId, backupId, projectId, requestId } = subject;
  const expiresAt = await expiryOf(subject);
  return ask(workflowsOf(subject).restore({ volumeId, backupId, projectId, requestId, expiresAt }));
}

async function extend(subject: Subject, newSizeGib: number): Promise<Asked> {
  subject.workflowIds.add(extendWorkflowId(subject.volumeId));
  const { volumeId, projectId, requestId } = subject;
  const expiresAt = await expiryOf(subject);
  return ask(workflowsOf(subject).extend({ volumeId, newSizeGib, projectId, requestId, expiresAt }));
}

export async function remove(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(deleteWorkflowId(subject.volumeId));
  const { volumeId, projectId } = subject;
  return ask(workflowsOf(subject).remove({ volumeId, projectId, requestId: `req-${randomUUID()}` }));
}

async function removeBackup(subject: Subject): Promise<Asked> {
  subject.workflowIds.add(deleteBackupWorkflowId(subject.backupId));
  const { backupId, projectId } = subject;
  const requestId = `req-${randomUUID()}`;
  return ask(workflowsOf(subject).removeBackup({ backupId, projectId, requestId, force: false }));
}
