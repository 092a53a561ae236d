import { explanationOf } from '../../src/domain/explanation';
import type { JudgedRequest, PlannedRestore } from '../../src/domain/explanation';
import { GIB } from '../../src/domain/volume';

const POOL = 'a@files#pool';

function judged(request: Partial<JudgedRequest> = {}): JudgedRequest {
  return {
    volume: {
      name: null,
      description: null,
      metadata: {},
      sizeGib: 4,
      typeName: '__DEFAULT__',
      availabilityZone: 'nova',
    },
    backup: {
      id: 'backup',
      name: null,
      status: 'available',
      sizeGib: 4,
      chainLength: 1,
      readers: 0,
      isLocked: false,
    },
    refusal: null,
    pools: [{ name: POOL, isFit: true, reason: null }],
    nowhere: null,
    chosen: { poolName: POOL, reallyFreeGib: 100 },
    ...request,
  };
}

function planned(plan: Partial<PlannedRestore> = {}): PlannedRestore {
  return {
    kind: 'planned',
    path: { mode: 'copy', reason: 'the driver has none' },
    objects: 3,
    fetchedBytes: GIB,
    dataBytes: 3 * GIB,
    codec: 'zlib',
    volumeMeta: null,
    measured: { copies: 0, copiedBytes: 0, elapsedMs: 0 },
    ...plan,
  };
}

const MEASURED = { copies: 2, copiedBytes: 2 * GIB, elapsedMs: 4_000 };

describe('an explanation', () => {
  it('counts the rest of the volume as zeros, whatever the size that was asked for', () => {
    expect(explanationOf(judged(), planned()).figures).toMatchObject({ dataBytes: 3 * GIB, zeroBytes: GIB });
  });

  it('estimates by what the last copies took, and says by which', () => {
    expect(explanationOf(judged(), planned({ measured: MEASURED }))).toMatchObject({
      estimate: { seconds: 6, bytesPerSecond: GIB / 2, copies: 2 },
      estimateReason:
        'by 2 earlier copies of zlib objects onto a@files#pool, of 2048 MiB together; a wait for its turn is not counted',
    });
  });

  it.each<[string, Partial<PlannedRestore>, string]>([
    ['nothing was measured', {}, 'no copy of zlib objects onto a@files#pool has been measured yet'],
    [
      'nothing was measured of that path',
      { path: { mode: 'native', reason: '' }, codec: 'none' },
      "no copy of uncompressed objects onto a@files#pool by the driver's own way has been measured yet",
    ],
    ['the path is not known', { path: { mode: null, reason: 'only a create will tell' } }, 'only a create will tell'],
    ['there is no data', { codec: null, dataBytes: 0 }, 'no data is moved'],
  ])('has no estimate where %s, and says so', (_what, plan, estimateReason) => {
    expect(explanationOf(judged(), planned(plan))).toMatchObject({ estimate: null, estimateReason });
  });

  it('warns of a pool that has less room than will be written, unless its blocks are shared (W-25)', () => {
    const tight = judged({ chosen: { poolName: POOL, reallyFreeGib: 1.5 } });
    expect(explanationOf(tight, planned()).warnings).toEqual([
      'Only 1.5 GiB of a@files#pool are really free, and 3 GiB will be written: the copy may run full.',
    ]);
    const native = planned({ path: { mode: 'native', reason: '' } });
    expect(explanationOf(tight, native).warnings).toEqual([]);
    expect(explanationOf(judged({ chosen: { poolName: POOL, reallyFreeGib: null } }), planned()).warnings).toEqual([]);
  });

  it('names the first refusal that the create would meet, and tells the others where they are known', () => {
    const refusal = { code: 'InvalidBackup', message: 'not available' } as const;
    const failure = { code: 'BackupDamaged', message: 'Backup b is damaged.' } as const;
    expect(explanationOf(judged({ refusal }), { kind: 'hopeless', failure })).toMatchObject({
      outcome: 'refused',
      refusal: { ...refusal, isAtOnce: true },
      figuresReason: 'Backup b is damaged.',
    });
  });

  it('calls the volume as the create would: by what was given, else by what the backup says (S-62)', () => {
    const volumeMeta = {
      name: 'of old',
      description: null,
      bootable: null,
      encryptionKeyId: null,
      volumeTypeId: null,
      userMetadata: {},
      imageMetadata: {},
    };
    const nameOf = (name: string | null): string | null =>
      explanationOf(judged({ volume: { ...judged().volume, name } }), planned({ volumeMeta })).volume.name;
    expect([nameOf(null), nameOf('mine')]).toEqual(['of old', 'mine']);
  });
});
