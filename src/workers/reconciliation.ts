import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { Client, ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';
import type { Logger } from 'pino';
import { CONTROL_QUEUE } from '../temporal';
import type { reconcile } from '../../workflows/reconcile';

const SCHEDULE_ID = 'rekindle-reconcile';

export interface ReconciliationOptions {
  readonly client: Client;
  readonly everyMs: number;
  readonly log: Logger;
}

export interface Reconciliation {
  stop(): Promise<void>;
}

/**
 * Has volumes looked after whose workflow is gone: now, and by a schedule of Temporal, which starts one each time however many
 * workers there are. Makes the schedule anew where it is missing: a namespace may be lost and made again.
 */
export async function startReconciliation(options: ReconciliationOptions): Promise<Reconciliation> {
  const { client, everyMs, log } = options;
  const attempt = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      // Tried again soon; until then volumes without a workflow wait.
      log.warn({ err: error }, 'nobody looks after abandoned volumes yet');
    });
  let running = attempt(begin(options));
  await running;
  const timer = setInterval(() => {
    running = attempt(createSchedule(client, everyMs).then(() => undefined));
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** One that is there already goes by this worker's configuration from now on. Paused by an operator, it stays so. */
async function begin({ client, everyMs }: ReconciliationOptions): Promise<void> {
  if (await createSchedule(client, everyMs)) return;
  const schedule = client.schedule.getHandle(SCHEDULE_ID);
  await schedule.update(({ state }) => ({ action: ACTION, policies: POLICIES, state, spec: specOf(everyMs) }));
  await schedule.trigger(POLICIES.overlap);
}

/** Begins with a run at once. Answers false if there is one. */
async function createSchedule(client: Client, everyMs: number): Promise<boolean> {
  try {
    await client.schedule.create({
      scheduleId: SCHEDULE_ID,
      action: ACTION,
      spec: specOf(everyMs),
      policies: POLICIES,
      state: { triggerImmediately: true },
    });
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}

/** Whatever becomes of a run, or of what the schedule knows of it, the next one begins: they may overlap, since each changes only what has no run. */
const POLICIES = { overlap: 'ALLOW_ALL', catchupWindow: '1m' } as const;

function specOf(everyMs: number): ScheduleOptions['spec'] {
  return { intervals: [{ every: everyMs }] };
}

const ACTION: ScheduleOptionsStartWorkflowAction<typeof reconcile> = {
  type: 'startWorkflow',
  workflowType: 'reconcile',
  workflowId: 'reconcile',
  taskQueue: CONTROL_QUEUE,
  args: [],
  staticSummary: 'Look after volumes whose workflow is gone',
  // The next one is soon: one that can't get on must not keep it from starting.
  workflowExecutionTimeout: '5m',
  workflowTaskTimeout: '3s',
};
