import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { createFailureOf } from '../../workflows/failures';

function outOfTime(last?: Error): ActivityFailure {
  const said = 'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';
  const timeout = new TimeoutFailure(said, undefined, TimeoutType.SCHEDULE_TO_CLOSE);
  if (last) Object.assign(timeout, { cause: last });
  return new ActivityFailure('failed', 'createRawVolume', 'create-raw-volume', RetryState.TIMEOUT, undefined, timeout);
}

describe('a step whose time was up', () => {
  it("is told in words for a user, with the last attempt's error, and not in Temporal's", () => {
    expect(createFailureOf(outOfTime(ApplicationFailure.create({ message: 'The volume is in use.' })))).toEqual({
      code: 'Unknown',
      message: 'It could not be done in time. The last error: The volume is in use.',
    });
    expect(createFailureOf(outOfTime())).toEqual({ code: 'Unknown', message: 'It could not be done in time.' });
  });
});
