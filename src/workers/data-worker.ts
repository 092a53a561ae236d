import type { ActivityInterceptorsFactory, NativeConnection, WorkerOptions } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { copySteps, poolSteps } from '../../activities/index';
import type { DataHouse } from '../../activities/house';
import { copyQueue, poolQueue } from '../temporal';
import { refusalsAreFinal } from './refusals';

export interface DataWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** `host@backend` */
  readonly backend: string;
  readonly maxCopies: number;
  readonly heartbeatThrottleMs: number;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly house: DataHouse;
}

/** Serves one backend: one worker for short driver calls, one for copies, so that the first never wait for the second. */
export function createDataWorkers(options: DataWorkerOptions): Promise<[Worker, Worker]> {
  const { connection, namespace, backend, maxCopies, heartbeatThrottleMs, interceptors, house } = options;
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    interceptors: { activity: [refusalsAreFinal, ...interceptors] },
    // A copy leaves at once and goes on elsewhere; its checkpoint is not in the process.
    shutdownGraceTime: '1s',
    shutdownForceTime: '20s',
  };
  return Promise.all([
    Worker.create({ ...common, taskQueue: poolQueue(backend), activities: poolSteps(house) }),
    Worker.create({
      ...common,
      taskQueue: copyQueue(backend),
      activities: copySteps(house),
      maxConcurrentActivityTaskExecutions: maxCopies,
      maxConcurrentActivityTaskPolls: 2,
      // Cancellation, pause and reset arrive with the answer to a heartbeat only.
      maxHeartbeatThrottleInterval: heartbeatThrottleMs,
      defaultHeartbeatThrottleInterval: heartbeatThrottleMs,
    }),
  ]);
}
