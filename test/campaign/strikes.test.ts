import { isKill, someStrikes } from './strikes';

describe('the strikes of a campaign', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(someStrikes(7, 50, [500, 4_000])).toEqual(someStrikes(7, 50, [500, 4_000]));
    expect(someStrikes(7, 50, [500, 4_000])).not.toEqual(someStrikes(8, 50, [500, 4_000]));
  });

  it('hold as many kills as were asked for', () => {
    const strikes = someStrikes(1, 200, [500, 4_000]);
    expect(strikes.filter(isKill)).toHaveLength(200);
  });

  it('are of all kinds in a long campaign', () => {
    const kinds = new Set(someStrikes(1, 200, [500, 4_000]).map(({ kind }) => kind));
    expect(kinds.size).toBe(17);
  });
});
