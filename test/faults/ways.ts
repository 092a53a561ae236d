import type { StepName } from '../../activities/index';
import { retryRequestOf } from '../../src/domain/retry';
import { createWorkflowId } from '../../src/temporal';
import { eventually } from '../support/eventually';
import { REPOSITORY_FAULTS } from './faults';
import type { Strike } from './faults';
import {
  deserted,
  desertedPool,
  EMPTY,
  extensible,
  giveUp,
  heldCreate,
  ownChain,
  restorable,
  restorableOfItsOwn,
  usedVolume,
} from './preparations';
import { create, createEmpty, ended, extend, remove, removeBackup, restore } from './requests';
import { ask, importBackup, workflowsOf } from './subject';
import type { Way } from './way';

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
    name: 'createVolumeFromBackup out of a bad repository',
    steps: ['restoreBackup'],
    faults: REPOSITORY_FAULTS,
    prepare: (subject) => restorableOfItsOwn(subject, 'zlib'),
  },
  {
    ...COPY,
    name: "createVolumeFromBackup out of a bad repository, the driver's own way",
    steps: ['createFromBackup'],
    faults: REPOSITORY_FAULTS,
    prepare: (subject) => restorableOfItsOwn(subject, 'none'),
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
    steps: ['acceptRequest'],
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
    name: 'restoreVolume out of a bad repository',
    workflow: 'restoreVolume',
    steps: ['restoreBackup'],
    faults: REPOSITORY_FAULTS,
    compensations: [],
    end: 'available',
    prepare: async (subject) => {
      await usedVolume(subject);
      await restorableOfItsOwn(subject, 'zlib');
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
