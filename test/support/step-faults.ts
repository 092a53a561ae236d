import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** Each run of a step is followed by another: its first answer was lost, and Temporal repeated it. */
export const everyStepTwice: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: async (input, next) => {
      await next(input);
      return next(input);
    },
  },
});

/** Each step of each run fails the first time it is tried, before it has done anything. */
export function everyStepFailsOnce(): ActivityInterceptorsFactory {
  const tried = new Set<string>();
  return (context) => ({
    inbound: {
      execute: async (input, next) => {
        const { activityType, workflowExecution } = context.info;
        const step = `${workflowExecution?.workflowId ?? ''} ${activityType}`;
        if (!tried.has(step)) {
          tried.add(step);
          throw new Error(`${activityType} fails this once`);
        }
        return next(input);
      },
    },
  });
}

/** Each step of each run takes effect the first time, and then fails: its answer doesn't arrive. */
export function everyAnswerLostOnce(): ActivityInterceptorsFactory {
  const answered = new Set<string>();
  return (context) => ({
    inbound: {
      execute: async (input, next) => {
        const { activityType, workflowExecution } = context.info;
        const step = `${workflowExecution?.workflowId ?? ''} ${activityType}`;
        const answer: unknown = await next(input);
        if (answered.has(step)) return answer;
        answered.add(step);
        throw new Error(`the answer of ${activityType} is lost this once`);
      },
    },
  });
}
