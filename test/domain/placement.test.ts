import { Refusal } from '../../src/domain/errors';
import { choosePool, judgePools } from '../../src/domain/placement';
import type { PlacementRequest } from '../../src/domain/placement';
import type { Pool } from '../../src/domain/pool';
import type { VolumeType } from '../../src/domain/volume-type';

const NOW = new Date('2026-01-01T00:00:00Z');

function poolOf(pool: Partial<Pool> = {}): Pool {
  return {
    name: 'a@files#pool',
    availabilityZone: 'nova',
    totalCapacityGib: 100,
    freeCapacityGib: 100,
    provisionedCapacityGib: 0,
    reservedPercentage: 0,
    thinProvisioning: false,
    maxOverSubscriptionRatio: 1,
    capabilities: {},
    reportedAt: NOW,
    isDisabled: false,
    ...pool,
  };
}

function typeWith(extraSpecs: Record<string, string> = {}): VolumeType {
  return { id: 'type-id', name: 'fast', description: null, isPublic: true, extraSpecs };
}

function requestOf(pools: readonly Pool[], request: Partial<PlacementRequest>): PlacementRequest {
  return {
    volume: { sizeGib: 10, availabilityZone: 'nova' },
    type: typeWith(),
    pools,
    now: NOW,
    excluded: [],
    holding: [],
    owing: [],
    reportMaxAgeMs: 60_000,
    ...request,
  };
}

function choose(pools: readonly Pool[], request: Partial<PlacementRequest> = {}) {
  return choosePool(requestOf(pools, request));
}

function judge(pools: readonly Pool[], request: Partial<PlacementRequest> = {}) {
  return judgePools(requestOf(pools, request));
}

function refusalOf(pools: readonly Pool[], request: Partial<PlacementRequest> = {}): string {
  try {
    return `placed on ${choose(pools, request).pool.name}`;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NoValidBackend') return error.message;
    throw error;
  }
}

const thin = { thinProvisioning: true, maxOverSubscriptionRatio: 2 };

describe('a pool is chosen', () => {
  it.each<[string, Partial<Pool>, Partial<PlacementRequest>]>([
    ['with exactly as much room as the volume needs (S-52)', { totalCapacityGib: 10, freeCapacityGib: 10 }, {}],
    ['thick, what is promised being what counts (S-52)', { provisionedCapacityGib: 90 }, {}],
    ['thick, after its reserved share, rounded down (S-52)', { reservedPercentage: 90.5, totalCapacityGib: 100.5 }, {}],
    ['thin, beyond its total as far as its ratio goes (S-52)', { ...thin, provisionedCapacityGib: 190 }, {}],
    [
      'thin, though little is really free, as long as little is written (W-25)',
      { ...thin, freeCapacityGib: 3 },
      { dataGib: 3 },
    ],
    ['of infinite free capacity (S-52)', { freeCapacityGib: Infinity, totalCapacityGib: 0 }, {}],
    [
      'of infinite total capacity without a reserved share (S-52)',
      { totalCapacityGib: Infinity, freeCapacityGib: 0 },
      {},
    ],
    ['whose last report is as old as may be', { reportedAt: new Date(NOW.getTime() - 60_000) }, {}],
    ['whose clock is ahead', { reportedAt: new Date(NOW.getTime() + 5_000) }, {}],
  ])('%s', (_, pool, request) => {
    expect(choose([poolOf(pool)], request)).toEqual({ pool: poolOf(pool), refusedBecause: [] });
  });
});

describe('a pool is refused', () => {
  it.each<[string, Partial<Pool>, Partial<PlacementRequest>, string]>([
    ['in another zone (S-51)', { availabilityZone: 'far' }, {}, "it is in zone 'far', not in 'nova'"],
    ['that is full (S-52)', { freeCapacityGib: 9.5 }, {}, 'it has room for 9.5 GiB, not for 10 GiB'],
    ['that is promised away (S-52)', { provisionedCapacityGib: 91 }, {}, 'it has room for 9 GiB, not for 10 GiB'],
    ['whose rest is reserved (S-52)', { reservedPercentage: 91 }, {}, 'it has room for 9 GiB, not for 10 GiB'],
    [
      'that is promised beyond what it has',
      { provisionedCapacityGib: 120 },
      {},
      'it has room for 0 GiB, not for 10 GiB',
    ],
    ['without capacity (S-52)', { totalCapacityGib: 0 }, {}, 'it has no capacity'],
    [
      'of infinite total capacity with a reserved share (S-52)',
      { totalCapacityGib: Infinity, reservedPercentage: 1 },
      {},
      'a reserved share of infinite capacity is not defined',
    ],
    [
      'thin, beyond its ratio (S-52)',
      { ...thin, provisionedCapacityGib: 191 },
      {},
      'it has room for 9 GiB, not for 10 GiB',
    ],
    [
      'thin, with a ratio below 1 (S-52)',
      { ...thin, maxOverSubscriptionRatio: 0.9 },
      {},
      'its over-subscription ratio is below 1',
    ],
    [
      'thin, for a type that wants its room for sure (S-52)',
      { ...thin, provisionedCapacityGib: 91 },
      { type: typeWith({ 'provisioning:type': 'thick' }) },
      'it has room for 9 GiB, not for 10 GiB',
    ],
    [
      'thin, without real room for the bytes of the backup (W-25)',
      { ...thin, freeCapacityGib: 12, reservedPercentage: 5 },
      { dataGib: 8 },
      'only 7 GiB of it are really free, and 8 GiB will be written',
    ],
    [
      'that has not reported for too long',
      { reportedAt: new Date(NOW.getTime() - 60_001) },
      {},
      'it is down, its last report is 60 s old',
    ],
    ['whose backend is disabled (S-50)', { isDisabled: true }, {}, 'its backend is disabled'],
    ['that was tried already (S-25)', {}, { excluded: ['a@files#pool'] }, 'it was tried already'],
    [
      'that lacks what the type demands (S-51)',
      { capabilities: { volume_backend_name: 'files' } },
      { type: typeWith({ volume_backend_name: 'ceph' }) },
      "its volume_backend_name is 'files', not 'ceph'",
    ],
  ])('%s', (_, pool, request, reason) => {
    expect(refusalOf([poolOf(pool)], request)).toBe(`No valid backend was found. a@files#pool: ${reason}.`);
  });
});

describe('among several pools', () => {
  it('the one with the most room wins, thin ones by what they may promise (S-53)', () => {
    const thick = poolOf({ name: 'thick@files#pool', freeCapacityGib: 90 });
    const thinOne = poolOf({ name: 'thin@files#pool', ...thin, freeCapacityGib: 20, provisionedCapacityGib: 100 });
    expect(choose([thick, thinOne]).pool.name).toBe('thin@files#pool');
    expect(choose([thinOne, thick], { type: typeWith({ 'provisioning:type': 'thick' }) }).pool.name).toBe(
      'thick@files#pool',
    );
  });

  it('the first by name wins among equals, in whatever order they come', () => {
    const pools = ['b', 'a', 'c'].map((host) => poolOf({ name: `${host}@files#pool` }));
    expect(choose(pools).pool.name).toBe('a@files#pool');
    expect(choose([...pools].reverse()).pool.name).toBe('a@files#pool');
  });

  it('one that does not know its capacity comes last (S-53)', () => {
    const unknown = poolOf({ name: 'a@files#pool', freeCapacityGib: Infinity });
    const known = poolOf({ name: 'b@files#pool', freeCapacityGib: 10 });
    expect(choose([unknown, known]).pool.name).toBe('b@files#pool');
  });

  it('those that were refused say why', () => {
    const far = poolOf({ name: 'far@files#pool', availabilityZone: 'far' });
    const full = poolOf({ name: 'full@files#pool', freeCapacityGib: 1 });
    const { refusedBecause } = choose([far, poolOf(), full]);
    expect(refusedBecause).toEqual([
      { pool: 'far@files#pool', reason: "it is in zone 'far', not in 'nova'" },
      { pool: 'full@files#pool', reason: 'it has room for 1 GiB, not for 10 GiB' },
    ]);
    expect(refusalOf([far, full])).toBe(
      "No valid backend was found. far@files#pool: it is in zone 'far', not in 'nova'; " +
        'full@files#pool: it has room for 1 GiB, not for 10 GiB.',
    );
  });

  it('each says all that speaks against it, filter by filter, and one that would do why another is better (S-51 to S-53)', () => {
    const pools = [
      poolOf({ name: 'far@files#pool', availabilityZone: 'far', freeCapacityGib: 1, capabilities: { disk: 'HDD' } }),
      poolOf({ name: 'small@files#pool', freeCapacityGib: 20, capabilities: { disk: 'SSD' } }),
      poolOf({ name: 'big@files#pool', capabilities: { disk: 'SSD' } }),
      poolOf({ name: 'twin@files#pool', capabilities: { disk: 'SSD' } }),
      poolOf({ name: 'vague@files#pool', freeCapacityGib: Infinity, capabilities: { disk: 'SSD' } }),
      poolOf({ name: 'down@files#pool', availabilityZone: 'far', reportedAt: new Date(NOW.getTime() - 90_000) }),
    ];
    const { chosen, judged } = judge(pools, { type: typeWith({ disk: 'SSD' }) });
    expect(chosen?.name).toBe('big@files#pool');
    expect(Object.fromEntries(judged.map(({ name, reason }) => [name, reason]))).toEqual({
      'far@files#pool':
        "it is in zone 'far', not in 'nova', and its disk is 'HDD', not 'SSD', and it has room for 1 GiB, not for 10 GiB",
      'small@files#pool': 'it would do, but has room for 20 GiB, and big@files#pool for 100 GiB',
      'big@files#pool': null,
      'twin@files#pool': 'it would do as well, but big@files#pool comes first by name',
      'vague@files#pool': 'it would do, but does not know its capacity, as big@files#pool does',
      'down@files#pool': 'it is down, its last report is 90 s old',
    });
    expect(judged.filter(({ isFit }) => !isFit).map(({ name }) => name)).toEqual(['far@files#pool', 'down@files#pool']);
  });

  it('the one that holds data of the volume wins, and is why the others do not', () => {
    const holder = poolOf({ name: 'b@files#pool', freeCapacityGib: 1 });
    const { judged } = judge([poolOf(), holder], { holding: ['b@files#pool'] });
    expect(judged.map(({ reason }) => reason)).toEqual(['b@files#pool holds data of the volume', null]);
  });

  it('none is found where none has reported', () => {
    expect(refusalOf([])).toBe('No valid backend was found. No pool has reported yet.');
  });
});
