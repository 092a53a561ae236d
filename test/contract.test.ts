import { FACTS } from './contract/facts';
import { namedFacts } from './contract/named-facts';

describe("Cinder's contract", () => {
  const named = namedFacts();
  const known = new Map(FACTS.map((fact) => [fact.id, fact]));

  it('is proven by tests that name its facts; what is left out says why', () => {
    const unproven = FACTS.filter(({ id, leftOut }) => leftOut === null && !named.has(id));
    expect(unproven).toEqual([]);
  });

  it('leaves nothing out that a test proves', () => {
    expect(FACTS.filter(({ id, leftOut }) => leftOut !== null && named.has(id))).toEqual([]);
  });

  it('has each fact of a request that tests name', () => {
    const ofRequests = [...named.keys()].filter((id) => /^(H-\d|S-(\d|1[0-5])$)/.test(id));
    // H-33 alone means its whole table.
    expect(ofRequests.filter((id) => id !== 'H-33' && !known.has(id))).toEqual([]);
  });
});
