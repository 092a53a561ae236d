import type { ActivityInterceptorsFactory, NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { controlSteps } from '../../activities/index';
import type { ControlHouse } from '../../activities/house';
import { CONTROL_QUEUE } from '../temporal';
import { refusalsAreFinal } from './refusals';

export interface ControlWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Path of the bundle that `npm run build` makes. */
  readonly bundlePath: string;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly house: ControlHouse;
}

/** Runs the workflows and the steps that touch the catalog only. */
export function createControlWorker(options: ControlWorkerOptions): Promise<Worker> {
  const { connection, namespace, bundlePath, interceptors, house } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue: CONTROL_QUEUE,
    workflowBundle: { codePath: bundlePath },
    activities: controlSteps(house),
    interceptors: { activity: [refusalsAreFinal, ...interceptors] },
    // A killed worker's workflows are taken over by another after this, not after the default of 10 s.
    stickyQueueScheduleToStartTimeout: '2s',
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  });
}
