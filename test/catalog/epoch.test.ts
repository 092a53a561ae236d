import { nextEpoch } from '../../src/catalog/epoch';

describe('the next epoch', () => {
  const now = new Date('2026-11-29T12:00:00Z');
  const later = new Date('2026-11-29T12:00:01Z');

  it('is newer than the one before, however many there are in a second, and wherever the clock went', () => {
    const first = nextEpoch(0, now);
    const second = nextEpoch(first, now);
    expect(second).toBeGreaterThan(first);
    expect(nextEpoch(second, new Date('2001-01-01T00:00:00Z'))).toBeGreaterThan(second);
  });

  it('is newer than one that a catalog gave which has been forgotten with it', () => {
    expect(nextEpoch(0, later)).toBeGreaterThan(nextEpoch(0, now));
    expect(nextEpoch(17, later)).toBeGreaterThan(nextEpoch(5, now));
  });

  it('fits into the four bytes of its column until 2088', () => {
    expect(nextEpoch(0, new Date('2088-01-01T00:00:00Z'))).toBeLessThan(2 ** 31);
  });
});
