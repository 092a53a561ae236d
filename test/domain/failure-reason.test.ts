import { explain } from '../../src/domain/failure-reason';
import type { CreateFailure } from '../../src/domain/failure-reason';

/** Those whose own message doesn't say what to do; found by the campaign (`npm run kill`). */
const CODES: readonly CreateFailure['code'][] = ['PoolRefused', 'NoValidBackend', 'Cancelled', 'Unknown'];

describe('the message about a create that failed', () => {
  it.each(CODES)('says what its user can do: %s', (code) => {
    const { detail } = explain({ code, message: 'Pool host1@file#default is full.' });
    expect(detail).toMatch(/Retry it.*\(action rekindle-retry\), or delete it\.$/);
  });

  it('gives the reason first', () => {
    const { detail } = explain({ code: 'PoolRefused', message: 'Pool host1@file#default is full.' });
    expect(detail).toMatch(/^Driver failed to create the volume\. Pool host1@file#default is full\. Retry it/);
  });
});
