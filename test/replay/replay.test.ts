import { DeterminismViolationError } from '@temporalio/workflow';
import { ReplayError, Worker } from '@temporalio/worker';
import * as workflows from '../../workflows/index';
import { suiteWorkflowBundle } from '../support/temporal';
import { recordedHistories } from './histories';
import { SHAPES } from './shapes';

const RECORDED = recordedHistories();

interface HistoryEvent {
  readonly workflowExecutionStartedEventAttributes?: { readonly workflowType: { readonly name: string } };
  readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } };
}

const eventsIn = (json: string): HistoryEvent[] => (JSON.parse(json) as { events: HistoryEvent[] }).events;
const typeOf = (json: string): string | undefined =>
  eventsIn(json)[0]?.workflowExecutionStartedEventAttributes?.workflowType.name;

const replay = (json: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath: suiteWorkflowBundle() } }, JSON.parse(json));

describe('a new version of the workflows goes on with the runs of the last', () => {
  it('of every shape there is, and of every type', () => {
    expect(RECORDED.map(({ name }) => name).sort()).toEqual([...SHAPES].sort());
    expect([...new Set(RECORDED.map(({ json }) => typeOf(json)))].sort()).toEqual(Object.keys(workflows).sort());
  });

  it.each(RECORDED)('$name', async ({ json }) => {
    await replay(json);
  });

  it.each(RECORDED)('$name: is short enough to read, and for Temporal to keep', ({ json }) => {
    expect(eventsIn(json).length).toBeLessThan(150);
    expect(json.length).toBeLessThan(100_000);
  });

  it('and would be caught where it does something else', async () => {
    const history = JSON.parse(RECORDED.find(({ name }) => name === 'create, copied')!.json) as {
      events: HistoryEvent[];
    };
    const first = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    first!.activityTaskScheduledEventAttributes!.activityType.name = 'whatTheLastVersionDid';

    const error = await replay(JSON.stringify(history)).catch((reason: unknown) => reason);

    expect(error instanceof DeterminismViolationError || error instanceof ReplayError).toBe(true);
  });
});
