// Temporal's registry: the steps by the workers that run them.
import { acceptExtension, completeExtension, failExtension, withdrawExtension } from './accept-extension';
import { acceptRequest, failVolume, withdrawRequest } from './accept-request';
import { acceptRestore, failRestore, withdrawRestore } from './accept-restore';
import { checkCopy } from './check-copy';
import { checkPool } from './check-pool';
import { completeVolume } from './complete-volume';
import { createFromBackup } from './create-from-backup';
import { createRawVolume } from './create-raw-volume';
import { beginBackupDeletion, deleteBackupObjects, failBackupDeletion, finishBackupDeletion } from './delete-backup';
import { beginDeletion, cancelWork, finishDeletion, locateVolume } from './delete-volume';
import { extendRawVolume } from './extend-raw-volume';
import type { ControlHouse, DataHouse } from './house';
import { findAbandoned, resumeWork } from './find-abandoned';
import { judgeRequest } from './judge-request';
import { limitBandwidth } from './limit-bandwidth';
import { lockBackup, releaseBackup } from './lock-backup';
import { oweRemoval, removeVolume } from './owe-removal';
import { planRestore } from './plan-restore';
import { restoreBackup } from './restore-backup';
import { scheduleVolume } from './schedule-volume';

/** Steps that touch the catalog only: any control worker. */
export function controlSteps(house: ControlHouse) {
  return {
    judgeRequest: judgeRequest(house),
    acceptRequest: acceptRequest(house),
    withdrawRequest: withdrawRequest(house),
    failVolume: failVolume(house),
    acceptRestore: acceptRestore(house),
    withdrawRestore: withdrawRestore(house),
    failRestore: failRestore(house),
    acceptExtension: acceptExtension(house),
    withdrawExtension: withdrawExtension(house),
    failExtension: failExtension(house),
    completeExtension: completeExtension(house),
    lockBackup: lockBackup(house),
    releaseBackup: releaseBackup(house),
    scheduleVolume: scheduleVolume(house),
    checkPool: checkPool(house),
    checkCopy: checkCopy(house),
    oweRemoval: oweRemoval(house),
    limitBandwidth: limitBandwidth(house),
    completeVolume: completeVolume(house),
    beginDeletion: beginDeletion(house),
    cancelWork: cancelWork(house),
    locateVolume: locateVolume(house),
    finishDeletion: finishDeletion(house),
    findAbandoned: findAbandoned(house),
    resumeWork: resumeWork(house),
    beginBackupDeletion: beginBackupDeletion(house),
    finishBackupDeletion: finishBackupDeletion(house),
    failBackupDeletion: failBackupDeletion(house),
  };
}

/** Short calls to a volume driver: a worker that reaches the backend. */
export function poolSteps(house: DataHouse) {
  return {
    createRawVolume: createRawVolume(house),
    extendRawVolume: extendRawVolume(house),
    removeVolume: removeVolume(house),
  };
}

/** Steps that move data: the same workers, on a queue of their own, so that short calls never wait behind copies. */
export function copySteps(house: DataHouse) {
  return {
    createFromBackup: createFromBackup(house),
    restoreBackup: restoreBackup(house),
  };
}

/** Plans for who asks only: the same workers, on a queue of their own, so that nothing that was asked for in earnest waits behind them. */
export function planSteps(house: DataHouse) {
  return {
    planRestore: planRestore(house),
  };
}

/** What is done in a repository of backups: any worker that reaches it. */
export function repositorySteps(house: DataHouse) {
  return {
    ...planSteps(house),
    deleteBackupObjects: deleteBackupObjects(house),
  };
}

export type ControlSteps = ReturnType<typeof controlSteps>;
export type PoolSteps = ReturnType<typeof poolSteps>;
export type CopySteps = ReturnType<typeof copySteps>;
export type PlanSteps = ReturnType<typeof planSteps>;
export type RepositorySteps = ReturnType<typeof repositorySteps>;
export type StepName = keyof (ControlSteps & PoolSteps & CopySteps & PlanSteps & RepositorySteps);
