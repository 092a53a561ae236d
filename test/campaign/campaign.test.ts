import { campaign } from './campaign';
import { faultsOf, tableOf } from './table';

jest.setTimeout(300_000);

/** The short campaign: `npm run kill` is the long one. What is asserted is the end, which no strike may change. */
describe('the whole service, struck at random while people use it', () => {
  it('keeps every promise: nothing is stuck, wrong, lost or leaked, and every error says why and what to do', async () => {
    const outcome = await campaign({
      seed: Number(process.env['REKINDLE_KILL_SEED'] ?? 5),
      kills: 10,
      length: 'short',
      pauseMs: [500, 3_000],
      users: 4,
      log: () => undefined,
      logsTo: null,
    });
    if (process.env['REKINDLE_TEST_LOG']) console.log(tableOf(outcome));

    expect(faultsOf(outcome)).toEqual([]);
    expect(outcome.ledger.accepted().length).toBeGreaterThan(0);
  });
});
