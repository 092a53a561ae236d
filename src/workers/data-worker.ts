import type { ActivityInterceptorsFactory, NativeConnection, WorkerOptions } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { copySteps, planSteps, poolSteps, repositorySteps } from '../../activities/index';
import type { DataHouse } from '../../activities/house';
import { copyQueue, planQueue, poolQueue, REPOSITORY_QUEUE } from '../temporal';
import { refusalsAreFinal } from './refusals';

export interface DataWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** `host@backend` */
  readonly backend: string;
  /** Its pools, and how many copies each takes at once. */
  readonly pools: readonly { readonly poolName: string; readonly maxCopies: number }[];
  readonly heartbeatThrottleMs: number;
  readonly interceptors: readonly ActivityInterceptorsFactory[];
  readonly house: DataHouse;
}

/** Each takes as much memory as a copy does. */
const PLANS_AT_ONCE = { maxConcurrentActivityTaskExecutions: 2, maxConcurrentActivityTaskPolls: 1 };

/** Serves one backend: workers for short driver calls, for plans, and for the copies of each pool, so that none waits for another. */
export function createDataWorkers(options: DataWorkerOptions): Promise<Worker[]> {
  const { connection, namespace, backend, pools, heartbeatThrottleMs, interceptors, house } = options;
  const common = commonOptions({ connection, namespace, interceptors });
  const short = Worker.create({
    ...common,
    taskQueue: poolQueue(backend),
    activities: poolSteps(house),
    ...heardEvery(1_000),
  });
  const plans = Worker.create({
    ...common,
    taskQueue: planQueue(backend),
    activities: planSteps(house),
    ...PLANS_AT_ONCE,
  });
  const copies = pools.map(({ poolName, maxCopies }) =>
    Worker.create({
      ...common,
      taskQueue: copyQueue(poolName),
      activities: copySteps(house),
      maxConcurrentActivityTaskExecutions: maxCopies,
      maxConcurrentActivityTaskPolls: Math.min(2, maxCopies),
      ...heardEvery(heartbeatThrottleMs),
    }),
  );
  return Promise.all([short, plans, ...copies]);
}

/** Serves the repositories of backups. Little is to be done there, and nobody waits for it. */
export function createRepositoryWorker(options: CommonOptions & { readonly house: DataHouse }): Promise<Worker> {
  return Worker.create({
    ...commonOptions(options),
    taskQueue: REPOSITORY_QUEUE,
    activities: repositorySteps(options.house),
    maxConcurrentActivityTaskExecutions: 2,
    maxConcurrentActivityTaskPolls: 1,
    ...heardEvery(options.heartbeatThrottleMs),
  });
}

type CommonOptions = Omit<DataWorkerOptions, 'backend' | 'pools' | 'house'>;

function commonOptions({
  connection,
  namespace,
  interceptors,
}: Omit<CommonOptions, 'heartbeatThrottleMs'>): Omit<WorkerOptions, 'taskQueue'> {
  return {
    connection,
    namespace,
    interceptors: { activity: [refusalsAreFinal, ...interceptors] },
    // A copy leaves at once and is begun anew elsewhere; nothing that it needs is in the process.
    shutdownGraceTime: '1s',
    shutdownForceTime: '20s',
  };
}

/** Cancellation, pause and reset arrive with the answer to a heartbeat only. */
function heardEvery(heartbeatThrottleMs: number) {
  return {
    maxHeartbeatThrottleInterval: heartbeatThrottleMs,
    defaultHeartbeatThrottleInterval: heartbeatThrottleMs,
  };
}
