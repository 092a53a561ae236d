import { stalledAtStart } from '../../src/catalog/stall-clock';

const at = (ms: number): Date => new Date(1_000_000 + ms);

describe('the clock of a copy that moves nothing', () => {
  it('does not run before the first attempt', () => {
    expect(stalledAtStart({ stalledMs: 0, seenAt: null }, at(5), 60)).toBe(0);
  });

  it('runs on between attempts, at most by the greatest gap', () => {
    expect(stalledAtStart({ stalledMs: 7, seenAt: at(0) }, at(50), 60)).toBe(57);
    expect(stalledAtStart({ stalledMs: 7, seenAt: at(0) }, at(500), 60)).toBe(67);
  });

  it('never runs backwards, even if the clock of the database does', () => {
    expect(stalledAtStart({ stalledMs: 7, seenAt: at(10) }, at(0), 60)).toBe(7);
  });
});
